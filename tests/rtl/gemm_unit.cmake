# The whole matrix unit: the weight feed (gemm_feed.cmake) and what it feeds.
set(squat_gemm_sources ${squat_feed_sources} rtl/squat_gemm_passes.sv rtl/squat_gemm_ctrl.sv
    rtl/squat_pack_pkg.sv rtl/squat_dsp.sv rtl/squat_accumulator.sv rtl/squat_mac_array.sv rtl/squat_gemm.sv)
squat_verilate(squat_rtl_gemm TOP squat_gemm SOURCES ${squat_gemm_sources})
squat_test(rtl_gemm_unit_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
  LIBRARIES squat_rtl_gemm squat_hls)
# Wider arrays: two and four tiles at once.
foreach(blocks 2 4)
  math(EXPR columns "16 * ${blocks}")
  squat_verilate(squat_rtl_gemm_${columns} TOP squat_gemm SOURCES ${squat_gemm_sources} OPTIONS -GCols=${columns})
  squat_test(rtl_gemm_unit_${columns}_test LABELS rtl slow
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
    LIBRARIES squat_rtl_gemm_${columns} squat_hls DEFINITIONS SQUAT_GEMM_BLOCKS=${blocks})
endforeach()
# Behind 512-bit ports: four tiles at once, banded too.
squat_verilate(squat_rtl_gemm_64_512 TOP squat_gemm SOURCES ${squat_gemm_sources} OPTIONS -GCols=64 -GAxiBits=512)
squat_test(rtl_gemm_unit_64_512_test LABELS rtl slow
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_unit_test.cpp ${CMAKE_CURRENT_LIST_DIR}/gemm_fields_test.cpp
  LIBRARIES squat_rtl_gemm_64_512 squat_hls DEFINITIONS SQUAT_GEMM_BLOCKS=4 SQUAT_GEMM_AXI_BITS=512)
