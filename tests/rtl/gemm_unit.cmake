# The whole matrix unit.
set(squat_gemm_sources gen/squat_spec_pkg.sv rtl/squat_fold_pkg.sv rtl/squat_sync_fifo.sv rtl/squat_burst_cut.sv rtl/squat_crc32.sv rtl/squat_ring_bank.sv rtl/squat_ring_fill.sv rtl/squat_weight_ring.sv rtl/squat_row_bank.sv rtl/squat_row_ring.sv
    rtl/squat_weight_check.sv rtl/squat_weight_port.sv rtl/squat_weight_loader.sv rtl/squat_weight_feed.sv rtl/squat_gemm_passes.sv rtl/squat_gemm_ctrl.sv
    rtl/squat_pack_pkg.sv rtl/squat_dsp.sv rtl/squat_accumulator.sv rtl/squat_mac_array.sv rtl/squat_gemm.sv)
squat_verilate(squat_rtl_gemm TOP squat_gemm SOURCES ${squat_gemm_sources})
squat_test(rtl_gemm_unit_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
  LIBRARIES squat_rtl_gemm squat_hls)
# Wider arrays: two and four tiles at once.
foreach(blocks 2 4)
  math(EXPR columns "16 * ${blocks}")
  squat_verilate(squat_rtl_gemm_${columns} TOP squat_gemm SOURCES ${squat_gemm_sources} OPTIONS -GCols=${columns})
  squat_test(rtl_gemm_unit_${columns}_test LABELS rtl
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
    LIBRARIES squat_rtl_gemm_${columns} squat_hls DEFINITIONS SQUAT_GEMM_BLOCKS=${blocks})
endforeach()
# Behind 512-bit ports: four tiles at once, banded too.
squat_verilate(squat_rtl_gemm_64_512 TOP squat_gemm SOURCES ${squat_gemm_sources} OPTIONS -GCols=64 -GAxiBits=512)
squat_test(rtl_gemm_unit_64_512_test LABELS rtl
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
  LIBRARIES squat_rtl_gemm_64_512 squat_hls DEFINITIONS SQUAT_GEMM_BLOCKS=4 SQUAT_GEMM_AXI_BITS=512)
