# squat_kernel_core(NAME TOP module SOURCES files...): a Verilated kernel behind sim/kernel_core.hpp, as the static library
# NAME that defines squat::sim::make_kernel_core(). SOURCES are relative to hw/.
include_guard()

function(squat_kernel_core name)
  cmake_parse_arguments(ARG "" "TOP" "SOURCES" ${ARGN})
  set(trace)
  if(SQUAT_SIM_TRACE)
    set(trace TRACE)
  endif()
  squat_verilate(${name}_rtl TOP ${ARG_TOP} SOURCES ${ARG_SOURCES} ${trace})
  set(SQUAT_KERNEL_TOP ${ARG_TOP})
  configure_file(${PROJECT_SOURCE_DIR}/sim/make_kernel_core.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp @ONLY)
  squat_library(${name} ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PUBLIC squat_sim ${name}_rtl)
  # The header of the model exists only after Verilator ran.
  add_dependencies(${name} ${name}_rtl_model)
  if(SQUAT_SIM_TRACE)
    target_compile_definitions(${name} PRIVATE SQUAT_SIM_TRACE)
  endif()
endfunction()
