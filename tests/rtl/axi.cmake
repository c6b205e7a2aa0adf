squat_verilate(squat_rtl_axi TOP squat_axi_bench
  SOURCES rtl/squat_sync_fifo.sv rtl/squat_burst_cut.sv rtl/squat_axi_reader.sv rtl/squat_axi_read_guard.sv rtl/squat_axi_writer.sv
          ../tests/rtl/squat_axi_bench.sv)
squat_test(rtl_axi_test LABELS rtl SOURCES axi_test.cpp LIBRARIES squat_rtl_axi)
