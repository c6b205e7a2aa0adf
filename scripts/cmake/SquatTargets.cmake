# Helpers every folder uses: a library with the project's warnings and include root, and a Catch2 test.
include_guard()

add_library(squat_options INTERFACE)
target_include_directories(squat_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(squat_options INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(SQUAT_WERROR)
  target_compile_options(squat_options INTERFACE -Werror)
endif()
if(SQUAT_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 12 takes values that instrumented code moves for uninitialised or out of bounds; the sanitizers themselves decide here.
    target_compile_options(squat_options INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  target_compile_options(squat_options INTERFACE -fsanitize=${SQUAT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(squat_options INTERFACE -fsanitize=${SQUAT_SANITIZE})
endif()
if(SQUAT_FUZZ)
  add_library(squat_coverage_off STATIC ${PROJECT_SOURCE_DIR}/tests/fuzz/coverage_off.cpp)
endif()
if(SQUAT_COVERAGE)
  # Threads share the counters. Verilated models do not take these options.
  target_compile_options(squat_options INTERFACE --coverage -fprofile-update=prefer-atomic)
  target_link_options(squat_options INTERFACE --coverage)
endif()

# squat_library(NAME sources...): a static library under the project's options.
function(squat_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC squat_options)
endfunction()

# squat_runtime_parts(TARGET): what a program loads at run time for the devices sim and fpga is built with it. To be called when sim/
# is configured.
function(squat_runtime_parts target)
  foreach(part squat_xrt squat_accelerator_xrt squat_xclbin)
    if(TARGET ${part})
      add_dependencies(${target} ${part})
    endif()
  endforeach()
endfunction()

# squat_fuzzed(NAME): a library whose paths the fuzzer follows, that is, which reads bytes nobody vouches for. Arithmetic that the
# readers never reach, or that is the same for all bytes, stays as fast as it is.
function(squat_fuzzed name)
  if(SQUAT_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize-coverage=trace-pc,trace-cmp)
    target_link_libraries(${name} PUBLIC squat_coverage_off)
  endif()
endfunction()

# squat_test(NAME [COMMAND] [LABELS ...] [TIMEOUT seconds] SOURCES ... LIBRARIES ... [DEFINITIONS ...]): one Catch2 executable, one
# ctest entry. COMMAND: for tests that run the command squat, whose path they see as SQUAT_BINARY, and the tree's as SQUAT_SOURCE_DIR.
function(squat_test name)
  cmake_parse_arguments(ARG "COMMAND" "TIMEOUT" "SOURCES;LIBRARIES;LABELS;DEFINITIONS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE squat_test_main ${ARG_LIBRARIES})
  target_compile_definitions(${name} PRIVATE ${ARG_DEFINITIONS})
  if(ARG_COMMAND)
    add_dependencies(${name} squat)
    target_compile_definitions(${name} PRIVATE SQUAT_BINARY="$<TARGET_FILE:squat>" SQUAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  endif()
  # What takes long is in the libraries or in another process; optimising Catch2's macros takes more than it gives.
  target_compile_options(${name} PRIVATE $<IF:$<BOOL:${ARG_COMMAND}>,-O0,$<$<CONFIG:Release>:-O1>>)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(SQUAT_COVERAGE)
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")  # counting takes time
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
  endif()
endfunction()

# squat_nightly(NAME [TIMEOUT seconds]): the long tests of a squat_test, those with the tag [.nightly].
function(squat_nightly name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 1800)
  endif()
  add_test(NAME ${name}_nightly COMMAND ${name} "[nightly]")
  set_tests_properties(${name}_nightly PROPERTIES LABELS nightly TIMEOUT ${ARG_TIMEOUT})
endfunction()
