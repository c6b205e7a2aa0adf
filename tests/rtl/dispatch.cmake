squat_verilate(squat_rtl_dispatch TOP squat_dispatch_bench
  SOURCES gen/squat_spec_pkg.sv rtl/squat_sync_fifo.sv rtl/squat_burst_cut.sv rtl/squat_axi_reader.sv rtl/squat_crc32.sv rtl/squat_cmd_fetch.sv rtl/squat_cmd_queue.sv
          rtl/squat_dispatch.sv ../tests/rtl/squat_dispatch_bench.sv)
squat_test(rtl_dispatch_test LABELS rtl SOURCES dispatch_test.cpp LIBRARIES squat_rtl_dispatch)
