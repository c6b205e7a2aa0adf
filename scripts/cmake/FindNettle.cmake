# Finds Nettle, for SHA-256 and base64: Nettle_FOUND, Nettle::Nettle. It has no CMake files of its own.
find_path(NETTLE_INCLUDE_DIR nettle/sha2.h)
find_library(NETTLE_LIBRARY nettle)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Nettle REQUIRED_VARS NETTLE_LIBRARY NETTLE_INCLUDE_DIR)
mark_as_advanced(NETTLE_INCLUDE_DIR NETTLE_LIBRARY)
if(Nettle_FOUND AND NOT TARGET Nettle::Nettle)
  add_library(Nettle::Nettle INTERFACE IMPORTED GLOBAL)
  target_include_directories(Nettle::Nettle INTERFACE ${NETTLE_INCLUDE_DIR})
  target_link_libraries(Nettle::Nettle INTERFACE ${NETTLE_LIBRARY})
endif()
