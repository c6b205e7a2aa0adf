# cmake --install: one folder tree that may be moved as a whole. The program finds what it loads at run time relative to itself
# (default_root() in host/backends/xrt): lib/squat is laid out as the build folder is.
include_guard()

if(TARGET squat)
  install(TARGETS squat RUNTIME DESTINATION bin)
endif()
if(TARGET squat_xrt)
  install(TARGETS squat_xrt LIBRARY DESTINATION lib/squat/lib)
endif()
if(TARGET squat_accelerator_xrt)
  install(TARGETS squat_accelerator_xrt LIBRARY DESTINATION lib/squat/sim/xrt/lib NAMELINK_SKIP)
  install(FILES ${PROJECT_BINARY_DIR}/sim/squat.xclbin DESTINATION lib/squat/sim)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/tales DESTINATION share/squat/models)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/squat)
