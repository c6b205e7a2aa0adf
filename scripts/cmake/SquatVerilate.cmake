# Verilated models as static libraries over one shared build of the Verilator runtime.
include_guard()

find_program(VERILATOR verilator)
if(NOT VERILATOR)
  message(STATUS "Verilator not found: the simulated device is left out (Debian: apt-get install verilator)")
  return()
endif()
execute_process(COMMAND ${VERILATOR} --version OUTPUT_VARIABLE SQUAT_VERILATOR_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX MATCH "[0-9]+\\.[0-9]+" SQUAT_VERILATOR_VERSION "${SQUAT_VERILATOR_VERSION}")
if(SQUAT_VERILATOR_VERSION VERSION_LESS 5.006)
  message(STATUS "Verilator ${SQUAT_VERILATOR_VERSION} is older than 5.006: the simulated device is left out")
  return()
endif()
find_path(SQUAT_VERILATOR_INCLUDE verilated.h
  HINTS $ENV{VERILATOR_ROOT}/include /usr/share/verilator/include /usr/local/share/verilator/include)
find_package(Threads REQUIRED)

# The runtime is third-party code: built without the project's warnings, once for all models.
set(SQUAT_VERILATED_SOURCES ${SQUAT_VERILATOR_INCLUDE}/verilated.cpp ${SQUAT_VERILATOR_INCLUDE}/verilated_fst_c.cpp)
if(EXISTS ${SQUAT_VERILATOR_INCLUDE}/verilated_threads.cpp)
  list(APPEND SQUAT_VERILATED_SOURCES ${SQUAT_VERILATOR_INCLUDE}/verilated_threads.cpp)
endif()
option(SQUAT_RTL_COVERAGE "Count the lines and branches of the RTL that tests reach (scripts/coverage_rtl.sh)" OFF)
if(SQUAT_RTL_COVERAGE)
  list(APPEND SQUAT_VERILATED_SOURCES ${SQUAT_VERILATOR_INCLUDE}/verilated_cov.cpp)
endif()
add_library(squat_verilated STATIC ${SQUAT_VERILATED_SOURCES})
target_include_directories(squat_verilated SYSTEM PUBLIC ${SQUAT_VERILATOR_INCLUDE} ${SQUAT_VERILATOR_INCLUDE}/vltstd)
target_compile_options(squat_verilated PRIVATE -O2 -w)
find_package(ZLIB REQUIRED)
target_link_libraries(squat_verilated PUBLIC Threads::Threads ZLIB::ZLIB)

# squat_verilate(NAME TOP module SOURCES files... [MODEL model] [TRACE] [OPTIONS verilator options...])
# makes the static library NAME with class V<model>, by default V<module>; include "V<model>.h". Models of one program need names of their own. SOURCES are relative to hw/ or absolute.
function(squat_verilate name)
  cmake_parse_arguments(ARG "TRACE" "TOP;MODEL" "SOURCES;OPTIONS" ${ARGN})
  if(NOT ARG_MODEL)
    set(ARG_MODEL ${ARG_TOP})
  endif()
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir)
  set(sources)
  foreach(source ${ARG_SOURCES})
    get_filename_component(source ${source} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR}/hw)
    list(APPEND sources ${source})
  endforeach()
  set(prefix V${ARG_MODEL})
  set(optimise "OPT_FAST=-O3 OPT_SLOW=-O1")
  set(coverage)
  if(SQUAT_RTL_COVERAGE)
    # The name the tests know is a class around the counting one.
    set(prefix Vcounted_${ARG_MODEL})
    set(optimise "OPT_FAST=-O0 OPT_SLOW=-O0")
    # Split or reordered blocks would test conditions a second time for the counters, with other values. Unsplit, some blocks look like
    # loops; they settle all the same.
    set(coverage --coverage-line -fno-split -fno-reorder -Wno-UNOPTFLAT)
    configure_file(${PROJECT_SOURCE_DIR}/tests/rtl/coverage/counted_model.hpp.in ${dir}/V${ARG_MODEL}.h @ONLY)
  endif()
  file(GLOB waivers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/hw/lint/*.vlt)
  set(options --cc --build -j 1 -Wall --assert -O3 --x-assign fast --x-initial fast --unroll-count 4096
      --top-module ${ARG_TOP} --prefix ${prefix} --Mdir ${dir} -CFLAGS "-fPIC" -MAKEFLAGS "${optimise}" ${coverage})
  if(CCACHE)
    list(APPEND options -MAKEFLAGS "OBJCACHE=ccache")
  endif()
  if(ARG_TRACE)
    list(APPEND options --trace-fst)
  endif()
  add_custom_command(
    OUTPUT ${dir}/${prefix}__ALL.a
    COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS --unset=MFLAGS
            ${VERILATOR} ${options} ${ARG_OPTIONS} ${waivers} ${sources}
    DEPENDS ${sources} ${waivers}
    COMMENT "Verilating ${ARG_MODEL}"
    VERBATIM)
  add_custom_target(${name}_model DEPENDS ${dir}/${prefix}__ALL.a)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_model)
  target_include_directories(${name} SYSTEM INTERFACE ${dir})
  target_link_libraries(${name} INTERFACE ${dir}/${prefix}__ALL.a squat_verilated)
endfunction()
