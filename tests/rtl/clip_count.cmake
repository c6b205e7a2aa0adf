squat_verilate(squat_rtl_clip_count TOP squat_clip_count SOURCES rtl/squat_clip_count.sv)
squat_test(rtl_clip_count_test LABELS "rtl;hls" SOURCES clip_count_test.cpp LIBRARIES squat_rtl_clip_count)
