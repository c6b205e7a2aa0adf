# The Debian package: what it says, what is in it, and that program and library run from where it was taken apart.
# -DBUILD= build folder, -DWORK= folder to work in, -DCPACK= cpack, -DVERSION= the project's.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${CPACK} -G DEB -B ${WORK} --config ${BUILD}/CPackConfig.cmake -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip OUTPUT_VARIABLE log ERROR_VARIABLE log
  RESULT_VARIABLE code)
file(GLOB package ${WORK}/squat_${VERSION}-1_*.deb)
if(NOT code EQUAL 0 OR NOT package)
  message(FATAL_ERROR "cpack: ${log}")
endif()

execute_process(COMMAND dpkg-deb --info ${package} OUTPUT_VARIABLE info COMMAND_ERROR_IS_FATAL ANY)
foreach(line "Package: squat" "Version: ${VERSION}-1" "Section: science" "Maintainer: Squat developers" "Depends: [^\n]*libc6 "
    "Depends: [^\n]*libsentencepiece" "Description: quantised small language models")
  if(NOT info MATCHES "\n ${line}")
    message(FATAL_ERROR "not in the package's information: ${line}\n${info}")
  endif()
endforeach()
execute_process(COMMAND dpkg-deb --contents ${package} OUTPUT_VARIABLE contents COMMAND_ERROR_IS_FATAL ANY)
foreach(file bin/squat "lib/(.*/)?libsquat.so.${VERSION}" "lib/(.*/)?libsquat.so -> " include/squat/engine.hpp include/squat/model.hpp
    "lib/.*/squatConfig.cmake" share/man/man1/squat.1.gz share/bash-completion/completions/squat share/doc/squat/copyright
    share/doc/squat/changelog.Debian.gz share/doc/squat/changelog.gz share/doc/squat/examples/continue.cpp
    share/squat/models/tales/README.md)
  if(NOT contents MATCHES " ./usr/${file}")
    message(FATAL_ERROR "not in the package: ${file}\n${contents}")
  endif()
endforeach()
if(contents MATCHES "\n[^ ]+ (root/[^r]|[^r])")
  message(FATAL_ERROR "not all files belong to root:\n${contents}")
endif()

# Taken apart, moved: the program needs no path; what links the library has one.
execute_process(COMMAND dpkg-deb --extract ${package} ${WORK}/taken COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${WORK}/taken "${WORK}/taken apart")
set(usr "${WORK}/taken apart/usr")
unset(ENV{SQUAT_ROOT})
execute_process(COMMAND "${usr}/bin/squat" --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "^squat ${VERSION} ")
  message(FATAL_ERROR "the extracted program says '${version}'")
endif()
set(tales "${usr}/share/squat/models/tales")
execute_process(COMMAND "${usr}/bin/squat" quantize --model ${tales}/fp32 --calib ${tales}/calibration.txt --out ${WORK}/model
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB folder "${usr}/lib/libsquat.so.${VERSION}" "${usr}/lib/*/libsquat.so.${VERSION}")
cmake_path(GET folder PARENT_PATH folder)
set(ENV{LD_LIBRARY_PATH} "${folder}")
execute_process(COMMAND ${BUILD}/host/examples/squat_continue ${WORK}/model "There was once" 4 COMMAND_ERROR_IS_FATAL ANY
  ERROR_VARIABLE about OUTPUT_QUIET)
execute_process(COMMAND gzip -dc "${usr}/share/man/man1/squat.1.gz" OUTPUT_VARIABLE page COMMAND_ERROR_IS_FATAL ANY)
if(NOT page MATCHES "\n\\.TH SQUAT 1 ")
  message(FATAL_ERROR "the compressed manual page is none")
endif()
file(REMOVE_RECURSE ${WORK})
