# cpack -G DEB in the build folder: one Debian package of what cmake --install puts down. Needs dpkg-dev.
include_guard()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME squat)
set(CPACK_PACKAGE_VENDOR "Squat developers")
# Debian wants an address in this field; names below .invalid are nobody's.
set(CPACK_PACKAGE_CONTACT "Squat developers <developers@squat.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "quantised small language models on CPU and FPGA")
set(CPACK_PACKAGE_DESCRIPTION
  "Squat runs small LLaMA and GPT-2 models with 4-bit or 8-bit weights and
4-bit or 8-bit activations per token, with integers only, on a CPU and on an
FPGA accelerator that give bit-identical logits.

The package holds the command squat, which quantises, trains, evaluates,
generates, measures and compares devices, the simulated accelerator where it
was built, and the library squat with its C++ headers.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
# For packages of programs over the library: what they depend on. Written here, as cpack would list the emulation library too.
set(debian ${PROJECT_BINARY_DIR}/debian)
file(WRITE ${debian}/shlibs
  "libsquat ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} squat (>= ${PROJECT_VERSION})\n")
file(WRITE ${debian}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/shlibs ${debian}/triggers)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_files.cmake)
# Read by debian_files.cmake.
set(CPACK_SQUAT_SOURCE ${PROJECT_SOURCE_DIR})
include(CPack)
