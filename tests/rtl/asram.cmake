# Twice: the words the simulated device uses, and the banks of the hardware.
set(squat_asram_sources rtl/squat_asram_half.sv rtl/squat_asram.sv)
squat_verilate(squat_rtl_asram TOP squat_asram SOURCES ${squat_asram_sources} OPTIONS -GDepth=256)
squat_test(rtl_asram_test LABELS rtl SOURCES asram_test.cpp LIBRARIES squat_rtl_asram)
squat_verilate(squat_rtl_asram_banked TOP squat_asram SOURCES ${squat_asram_sources} OPTIONS -GDepth=256 -GBanked=1)
squat_test(rtl_asram_banked_test LABELS rtl SOURCES asram_test.cpp LIBRARIES squat_rtl_asram_banked)
