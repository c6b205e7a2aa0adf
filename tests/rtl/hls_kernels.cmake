# The Vitis kernels beside the RTL units they describe: the same transactions, the same bits, the contracted cycles.
squat_verilate(squat_rtl_hls_requant TOP squat_post_requant SOURCES rtl/squat_requant_lane.sv rtl/squat_post_requant.sv)
squat_verilate(squat_rtl_hls_tclm TOP squat_tclm
  SOURCES rtl/squat_line_buffer.sv rtl/squat_width_key.sv rtl/squat_width_rank.sv rtl/squat_tclm.sv)
squat_test(rtl_hls_gemm_test LABELS "rtl;hls" SOURCES hls_gemm_test.cpp
  LIBRARIES squat_rtl_array squat_rtl_hls_requant squat_rtl_clip_count squat_hls_kernels squat_oracle)
squat_test(rtl_hls_tclm_test LABELS "rtl;hls" SOURCES hls_tclm_test.cpp LIBRARIES squat_rtl_hls_tclm squat_hls_kernels)
squat_test(rtl_hls_gemm_unit_test LABELS "rtl;hls" SOURCES hls_gemm_unit_test.cpp LIBRARIES squat_rtl_gemm squat_hls)
