# Run by cpack over the installed tree, before it is packed: what Debian's policy asks of a package's files.
set(tree ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
set(doc ${tree}/share/doc/${CPACK_PACKAGE_NAME})

# The licence by name, and those of what is compiled in, in full.
file(READ ${CPACK_SQUAT_SOURCE}/host/report/third_party/LICENSES.txt scripts)
string(REGEX REPLACE "\n+$" "" scripts "${scripts}")
string(REGEX REPLACE "\n\n" "\n.\n" scripts "${scripts}")
string(REPLACE "\n" "\n " scripts " ${scripts}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian_copyright.in ${doc}/copyright @ONLY)
file(REMOVE ${doc}/LICENSE)

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian
  "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
  "  * What changed: changelog.gz.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
file(COPY_FILE ${CPACK_SQUAT_SOURCE}/CHANGELOG.md ${doc}/changelog)

find_program(GZIP gzip REQUIRED)
file(GLOB pages ${tree}/share/man/man1/*.1)
foreach(file ${doc}/changelog ${doc}/changelog.Debian ${pages})
  execute_process(COMMAND ${GZIP} -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD ${file}.gz PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()
file(CHMOD ${doc}/copyright PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
