squat_verilate(squat_rtl_io TOP squat_io_bench
  SOURCES gen/squat_spec_pkg.sv rtl/squat_fold_pkg.sv rtl/squat_sync_fifo.sv rtl/squat_burst_cut.sv rtl/squat_axi_reader.sv rtl/squat_axi_read_guard.sv rtl/squat_axi_writer.sv
          rtl/squat_crc32.sv rtl/squat_io_fields.sv rtl/squat_requant_lane.sv rtl/squat_io_requant.sv rtl/squat_io_range.sv rtl/squat_io_load.sv
          rtl/squat_io_append_k.sv rtl/squat_io_append_v.sv
          rtl/squat_io.sv ../tests/rtl/squat_io_bench.sv)
squat_test(rtl_io_test LABELS rtl SOURCES io_test.cpp io_faults_test.cpp LIBRARIES squat_rtl_io)

squat_verilate(squat_rtl_io_requant TOP squat_io_requant SOURCES rtl/squat_requant_lane.sv rtl/squat_io_requant.sv)
squat_test(rtl_io_requant_test LABELS rtl SOURCES io_requant_test.cpp LIBRARIES squat_rtl_io_requant)

squat_verilate(squat_rtl_io_logits TOP squat_logits_writer SOURCES gen/squat_spec_pkg.sv rtl/squat_fold_pkg.sv rtl/squat_logits_writer.sv)
squat_test(rtl_io_logits_test LABELS rtl SOURCES io_logits_test.cpp LIBRARIES squat_rtl_io_logits)
