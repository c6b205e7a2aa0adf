# Finds libdeflate, for CRC-32: Deflate_FOUND, Deflate::Deflate. Before 1.15 it has no CMake files of its own.
find_path(DEFLATE_INCLUDE_DIR libdeflate.h)
find_library(DEFLATE_LIBRARY deflate)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Deflate REQUIRED_VARS DEFLATE_LIBRARY DEFLATE_INCLUDE_DIR)
mark_as_advanced(DEFLATE_INCLUDE_DIR DEFLATE_LIBRARY)
if(Deflate_FOUND AND NOT TARGET Deflate::Deflate)
  add_library(Deflate::Deflate INTERFACE IMPORTED GLOBAL)
  target_include_directories(Deflate::Deflate INTERFACE ${DEFLATE_INCLUDE_DIR})
  target_link_libraries(Deflate::Deflate INTERFACE ${DEFLATE_LIBRARY})
endif()
