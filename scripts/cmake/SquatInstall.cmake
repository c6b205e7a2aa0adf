# cmake --install: one folder tree that may be moved as a whole. Program and library find what they load at run time relative to
# themselves (default_root() in host/backends/xrt): lib/squat is laid out as the build folder is.
include_guard()
include(CMakePackageConfigHelpers)

# The program, and what it says about itself. A program for another machine cannot be asked.
if(TARGET squat)
  install(TARGETS squat RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET squat AND NOT CMAKE_CROSSCOMPILING)
  set(pages ${PROJECT_BINARY_DIR}/pages)
  file(MAKE_DIRECTORY ${pages})
  add_custom_command(OUTPUT ${pages}/squat.1 ${pages}/squat
    COMMAND squat man > ${pages}/squat.1
    COMMAND squat completion > ${pages}/squat
    DEPENDS squat
    COMMENT "Writing the manual page and the completion"
    VERBATIM)
  add_custom_target(squat_pages ALL DEPENDS ${pages}/squat.1 ${pages}/squat)
  install(FILES ${pages}/squat.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${pages}/squat DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

# What they load at run time.
foreach(plugin squat_xrt squat_mpi)
  if(TARGET ${plugin})
    install(TARGETS ${plugin} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/squat/lib)
  endif()
endforeach()
if(TARGET squat_accelerator_xrt)
  install(TARGETS squat_accelerator_xrt LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/squat/sim/xrt/lib NAMELINK_SKIP)
  install(FILES ${PROJECT_BINARY_DIR}/sim/squat.xclbin DESTINATION ${CMAKE_INSTALL_LIBDIR}/squat/sim)
endif()

# The library for other programs: find_package(squat), squat::squat.
if(TARGET squat_shared)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/squat)
  install(TARGETS squat_shared EXPORT squatTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/host/squat DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
  install(EXPORT squatTargets NAMESPACE squat:: DESTINATION ${package})
  configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/squatConfig.cmake.in ${PROJECT_BINARY_DIR}/squatConfig.cmake
    INSTALL_DESTINATION ${package})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/squatConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/squatConfig.cmake ${PROJECT_BINARY_DIR}/squatConfigVersion.cmake DESTINATION ${package})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/host/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/docs/use/library.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/tales DESTINATION ${CMAKE_INSTALL_DATADIR}/squat/models)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(SquatPackage)
