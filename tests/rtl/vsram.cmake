squat_verilate(squat_rtl_vsram TOP squat_vsram SOURCES rtl/squat_vsram.sv OPTIONS -GDepth=64)
squat_test(rtl_vsram_test LABELS rtl SOURCES vsram_test.cpp LIBRARIES squat_rtl_vsram)
