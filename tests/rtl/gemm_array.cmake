# Twice: cells as loops (simulation), and as instances of the multiply-accumulate leaf (synthesis).
set(squat_array_sources rtl/squat_pack_pkg.sv rtl/squat_dsp.sv rtl/squat_accumulator.sv rtl/squat_mac_array.sv)
squat_verilate(squat_rtl_array TOP squat_mac_array SOURCES ${squat_array_sources})
squat_test(rtl_gemm_array_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_array_test.cpp LIBRARIES squat_rtl_array)
squat_verilate(squat_rtl_array_cells TOP squat_mac_array SOURCES ${squat_array_sources} OPTIONS -GCellModules=1)
squat_test(rtl_gemm_array_cells_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_array_test.cpp LIBRARIES squat_rtl_array_cells)
squat_verilate(squat_rtl_dsp TOP squat_dsp SOURCES rtl/squat_dsp.sv)
squat_test(rtl_dsp_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/dsp_test.cpp LIBRARIES squat_rtl_dsp)
