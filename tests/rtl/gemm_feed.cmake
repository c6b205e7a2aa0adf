set(squat_feed_sources gen/squat_spec_pkg.sv rtl/squat_fold_pkg.sv rtl/squat_sync_fifo.sv rtl/squat_burst_cut.sv rtl/squat_crc32.sv rtl/squat_ring_bank.sv rtl/squat_ring_fill.sv rtl/squat_weight_ring.sv rtl/squat_row_bank.sv rtl/squat_row_ring.sv
    rtl/squat_weight_check.sv rtl/squat_weight_port.sv rtl/squat_weight_loader.sv rtl/squat_weight_feed.sv)
squat_verilate(squat_rtl_weight_feed TOP squat_weight_feed SOURCES ${squat_feed_sources} OPTIONS -GRingDepth=256)
squat_test(rtl_gemm_feed_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_feed_test.cpp LIBRARIES squat_rtl_weight_feed)
squat_verilate(squat_rtl_weight_feed_4 TOP squat_weight_feed SOURCES ${squat_feed_sources} OPTIONS -GRingDepth=256 -GBlocks=4)
squat_test(rtl_gemm_feed_4_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_feed_test.cpp LIBRARIES squat_rtl_weight_feed_4
  DEFINITIONS SQUAT_FEED_BLOCKS=4)
# Behind 512-bit ports.
squat_verilate(squat_rtl_weight_feed_rows TOP squat_weight_feed SOURCES ${squat_feed_sources} OPTIONS -GRingDepth=1024 -GBlocks=4 -GBeatWords=4)
squat_test(rtl_gemm_feed_rows_test LABELS rtl SOURCES ${CMAKE_CURRENT_LIST_DIR}/gemm_feed_test.cpp LIBRARIES squat_rtl_weight_feed_rows
  DEFINITIONS SQUAT_FEED_BLOCKS=4 SQUAT_FEED_BEAT_WORDS=4)
