# Finds the Xilinx Runtime: XRT_FOUND, XRT_VERSION, XRT::XRT, and for the emulation library XRT_HWEMU_ARCHIVE.
# Debian's pkg-config file names directories that do not exist and a library that must not be linked, so it is not asked.
find_path(XRT_INCLUDE_DIR xrt/xrt_device.h HINTS $ENV{XILINX_XRT}/include PATH_SUFFIXES xrt)
find_library(XRT_COREUTIL_LIBRARY xrt_coreutil HINTS $ENV{XILINX_XRT}/lib)
find_library(XRT_UUID_LIBRARY uuid)  # used by inline functions of the headers
if(XRT_INCLUDE_DIR AND EXISTS ${XRT_INCLUDE_DIR}/version.h)
  file(STRINGS ${XRT_INCLUDE_DIR}/version.h version REGEX "xrt_build_version\\[\\]")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" XRT_VERSION "${version}")
endif()
get_filename_component(library_dir "${XRT_COREUTIL_LIBRARY}" DIRECTORY)
find_file(XRT_HWEMU_ARCHIVE libxrt_hwemu.a PATHS ${library_dir} NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(XRT REQUIRED_VARS XRT_COREUTIL_LIBRARY XRT_INCLUDE_DIR XRT_UUID_LIBRARY VERSION_VAR XRT_VERSION)
mark_as_advanced(XRT_INCLUDE_DIR XRT_COREUTIL_LIBRARY XRT_UUID_LIBRARY XRT_HWEMU_ARCHIVE)
if(XRT_FOUND AND NOT TARGET XRT::XRT)
  add_library(XRT::XRT INTERFACE IMPORTED GLOBAL)
  target_include_directories(XRT::XRT INTERFACE ${XRT_INCLUDE_DIR})
  target_link_libraries(XRT::XRT INTERFACE ${XRT_COREUTIL_LIBRARY} ${XRT_UUID_LIBRARY})
endif()
