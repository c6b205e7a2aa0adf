# squat_xrt_emulation(NAME DIRECTORY dir CORE kernel-core-library | FAKE): DIRECTORY/lib/libxrt_hwemu.so.2, which XRT 2.13 opens with
# XILINX_XRT=DIRECTORY XCL_EMULATION_MODE=hw_emu. Behind it runs the kernel of CORE, or with FAKE the scripted device of
# sim/fake_device. Makes no target NAME where XRT 2.13 and its libxrt_hwemu.a are missing.
include_guard()

find_package(XRT QUIET)
set(emulation OFF)
if(XRT_FOUND AND NOT XRT_VERSION MATCHES "^2\\.13\\.")
  message(STATUS "XRT ${XRT_VERSION}: the emulation library needs 2.13; the simulation runs without XRT")
elseif(XRT_FOUND AND NOT XRT_HWEMU_ARCHIVE)
  message(STATUS "libxrt_hwemu.a not found: the simulation runs without XRT (Debian: apt-get install libxrt-dev)")
elseif(XRT_FOUND AND NOT TARGET squat_make_xclbin)
  message(STATUS "Expat or Nettle not found: the simulation runs without XRT (Debian: apt-get install libexpat1-dev nettle-dev)")
elseif(XRT_FOUND)
  set(emulation ON)
endif()
set(SQUAT_XRT_EMULATION ${emulation} CACHE INTERNAL "the XRT emulation library can be built")
set(SQUAT_XRT_EMULATION_VERSION "${XRT_VERSION}" CACHE INTERNAL "the XRT it is built for")

# XRT's registration classes; their headers are not packaged, but these objects of the static library are complete and
# position independent.
set(SQUAT_XRT_REGISTRATION device_hwemu.cxx.o system_hwemu.cxx.o device_pcie.cpp.o system_pcie.cpp.o aie_stubs.cpp.o
  CACHE INTERNAL "objects of libxrt_hwemu.a")

function(squat_xrt_emulation name)
  cmake_parse_arguments(ARG "FAKE" "CORE;DIRECTORY" "" ${ARGN})
  if(NOT SQUAT_XRT_EMULATION)
    return()
  endif()
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir)
  file(MAKE_DIRECTORY ${dir})
  set(objects)
  foreach(object ${SQUAT_XRT_REGISTRATION})
    list(APPEND objects ${dir}/${object})
  endforeach()
  add_custom_command(OUTPUT ${objects}
    COMMAND ${CMAKE_AR} x ${XRT_HWEMU_ARCHIVE} ${SQUAT_XRT_REGISTRATION}
    WORKING_DIRECTORY ${dir}
    DEPENDS ${XRT_HWEMU_ARCHIVE}
    COMMENT "Extracting XRT's registration objects"
    VERBATIM)
  set_source_files_properties(${objects} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  set(source ${PROJECT_SOURCE_DIR}/sim/xrt_emulation)
  set(exports ${source}/exports.map)
  if(ARG_FAKE)
    set(fake ${PROJECT_SOURCE_DIR}/sim/fake_device)
    set(device ${fake}/fake_model.cpp ${fake}/fake_hooks.cpp ${fake}/fake_script.cpp ${PROJECT_SOURCE_DIR}/host/model/crc32.cpp)
    set(ARG_CORE squat_sim Deflate::Deflate)
  else()
    set(device ${source}/rtl_device.cpp ${source}/simulated_hooks.cpp)
  endif()
  add_library(${name} SHARED ${source}/xclbin_view.cpp ${source}/buffer_table.cpp ${source}/scheduler.cpp ${source}/xrt_version.cpp
    ${source}/emulated_device.cpp ${source}/registration.cpp ${source}/open_devices.cpp ${source}/hal_device.cpp
    ${source}/hal_buffers.cpp ${device} ${objects})
  target_compile_definitions(${name} PRIVATE XRT_COREUTIL_VERSION="${SQUAT_XRT_EMULATION_VERSION}")
  target_link_libraries(${name} PRIVATE ${ARG_CORE} squat_options XRT::XRT Threads::Threads ${CMAKE_DL_LIBS})
  target_link_options(${name} PRIVATE -Wl,--version-script=${exports} -Wl,-Bsymbolic -Wl,--no-undefined)
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME xrt_hwemu
    SOVERSION 2
    VERSION 2
    LINK_DEPENDS ${exports}
    LIBRARY_OUTPUT_DIRECTORY ${ARG_DIRECTORY}/lib)
endfunction()
