# Installs, moves the tree to a path with a space, builds the installed example there as another project would, and holds its
# tokens against those of the installed program. Also: what the library shows, and that each header stands by itself.
# -DBUILD= build folder, -DWORK= folder to work in, -DHEADERS= the tree's public headers, -DCOMPILER= -DFLAGS= to build with,
# -DNM= nm, -DVERSION= the project's, -DSIM=ON where a simulated device is built.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
set(place "${WORK}/moved here")
file(RENAME ${WORK}/first "${place}")
unset(ENV{SQUAT_ROOT})

function(expect what found wanted)
  if(NOT "${found}" STREQUAL "${wanted}")
    message(FATAL_ERROR "${what}: found '${found}', expected '${wanted}'")
  endif()
endfunction()

# configure(SOURCE BINARY RESULT): configures another project against the moved tree.
function(configure source binary result)
  execute_process(COMMAND ${CMAKE_COMMAND} -S "${source}" -B ${binary} "-DCMAKE_PREFIX_PATH=${place}" -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Wpedantic -Werror ${FLAGS}"
    OUTPUT_VARIABLE out ERROR_VARIABLE out RESULT_VARIABLE code)
  set(${result} ${code} PARENT_SCOPE)
  set(log "${out}" PARENT_SCOPE)
endfunction()

configure("${place}/share/doc/squat/examples" ${WORK}/examples code)
expect("configuring the example: ${log}" "${code}" "0")
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/examples OUTPUT_VARIABLE log RESULT_VARIABLE code)
expect("building the example: ${log}" "${code}" "0")
set(program ${WORK}/examples/squat_continue)

# The same tokens and text as the installed command.
set(tales "${place}/share/squat/models/tales")
execute_process(COMMAND "${place}/bin/squat" quantize --model ${tales}/fp32 --calib ${tales}/calibration.txt --weight-bits 4
  --activations mixed --rho 0.5 --out ${WORK}/model OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
set(devices cpu ref)
if(SIM)
  list(APPEND devices sim)
endif()
set(tokens 24)
foreach(device ${devices})
  execute_process(COMMAND "${place}/bin/squat" generate --model ${WORK}/model --prompt "There was once a King" --tokens ${tokens}
    --device ${device} --format json OUTPUT_VARIABLE object COMMAND_ERROR_IS_FATAL ANY)
  string(JSON ids GET "${object}" ids)
  string(REGEX REPLACE "[][,\n ]+" " " ids "${ids}")
  string(STRIP "${ids}" ids)
  string(JSON text GET "${object}" text)
  execute_process(COMMAND ${program} ${WORK}/model "There was once a King" ${tokens} ${device}
    OUTPUT_VARIABLE found ERROR_VARIABLE about COMMAND_ERROR_IS_FATAL ANY)
  expect("text on ${device}" "${found}" "${text}\n")
  string(REGEX MATCH "\nids ([0-9 ]+)\n" line "${about}")
  expect("ids on ${device}" "${CMAKE_MATCH_1}" "${ids}")
  if(NOT about MATCHES "^squat ${VERSION}: llama with 4 layers and 4-bit weights on ${device}\n.* tokens/s \\((measured|rtl-simulated)\\)\n$")
    message(FATAL_ERROR "on ${device} the example says: ${about}")
  endif()
  set(tokens 4)  # enough of the slow ones
endforeach()

# Errors with the exit codes of the command.
foreach(case "3|${WORK}/none|cpu" "4|${WORK}/model|fpga" "2|${WORK}/model|none" "2|${tales}/fp32|cpu")
  string(REGEX MATCH "^([0-9])\\|(.*)\\|([a-z]+)$" whole "${case}")
  execute_process(COMMAND ${program} ${CMAKE_MATCH_2} "A King" 1 ${CMAKE_MATCH_3} RESULT_VARIABLE code ERROR_VARIABLE about
    OUTPUT_QUIET)
  expect("exit code of ${case} (${about})" "${code}" "${CMAKE_MATCH_1}")
endforeach()

# A project that asks for another version is refused; one that includes each header first compiles.
file(MAKE_DIRECTORY ${WORK}/other ${WORK}/single)
file(WRITE ${WORK}/other/CMakeLists.txt
  "cmake_minimum_required(VERSION 3.22)\nproject(other LANGUAGES NONE)\nfind_package(squat 0.999 REQUIRED)\n")
configure(${WORK}/other ${WORK}/other/build code)
if(code EQUAL 0 OR NOT log MATCHES "version: ${VERSION}")
  message(FATAL_ERROR "version 0.999 was asked for and found: ${log}")
endif()
file(GLOB headers RELATIVE ${HEADERS} ${HEADERS}/*.hpp)
file(GLOB installed RELATIVE "${place}/include/squat" "${place}/include/squat/*")
expect("installed headers" "${installed}" "${headers}")
set(sources)
foreach(header ${headers})
  file(WRITE ${WORK}/single/${header}.cpp "#include <squat/${header}>\n")
  list(APPEND sources ${header}.cpp)
endforeach()
list(JOIN sources " " sources)
file(WRITE ${WORK}/single/CMakeLists.txt "cmake_minimum_required(VERSION 3.22)\nproject(single LANGUAGES CXX)\n"
  "find_package(squat ${VERSION} EXACT REQUIRED)\nadd_library(single OBJECT ${sources})\ntarget_link_libraries(single squat::squat)\n")
configure(${WORK}/single ${WORK}/single/build code)
expect("configuring one file per header: ${log}" "${code}" "0")
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/single/build OUTPUT_VARIABLE log RESULT_VARIABLE code)
expect("each header by itself: ${log}" "${code}" "0")

# Nothing of what the library is made of can be linked to.
file(GLOB library "${place}/lib*/libsquat.so" "${place}/lib*/*/libsquat.so")
execute_process(COMMAND ${NM} -DC --defined-only ${library} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
set(shown 0)
foreach(symbol ${symbols})
  string(REGEX REPLACE "^[0-9a-f]* [A-Za-z] " "" name "${symbol}")
  if(name MATCHES "squat::(Engine|Model)::[~A-Za-z]+\\(|^squat::version\\(")
    math(EXPR shown "${shown} + 1")
  elseif(name MATCHES "squat::[a-z_]+::|nlohmann|sentencepiece|Verilated|icu_|CLI::|xrt::")
    message(FATAL_ERROR "the library shows ${name}")
  endif()
endforeach()
if(shown LESS 20)
  message(FATAL_ERROR "the library shows ${shown} functions of Model and Engine")
endif()
file(REMOVE_RECURSE ${WORK})
