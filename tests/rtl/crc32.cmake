# As it is simulated, and as it is synthesised.
squat_verilate(squat_rtl_crc32 TOP squat_crc32 SOURCES rtl/squat_crc32.sv)
squat_test(rtl_crc32_test LABELS rtl SOURCES crc32_test.cpp LIBRARIES squat_rtl_crc32)
squat_verilate(squat_rtl_crc32_trees TOP squat_crc32 SOURCES rtl/squat_crc32.sv OPTIONS -GTrees=1)
squat_test(rtl_crc32_trees_test LABELS rtl SOURCES crc32_test.cpp LIBRARIES squat_rtl_crc32_trees)
# Beats of 64 bytes.
foreach(trees 0 1)
  squat_verilate(squat_rtl_crc32_wide_${trees} TOP squat_crc32 SOURCES rtl/squat_crc32.sv OPTIONS -GTrees=${trees} -GWords=4)
  squat_test(rtl_crc32_wide_${trees}_test LABELS rtl SOURCES crc32_test.cpp LIBRARIES squat_rtl_crc32_wide_${trees}
    DEFINITIONS SQUAT_CRC_WORDS=4)
endforeach()
