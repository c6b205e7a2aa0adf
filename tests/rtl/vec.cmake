# The vector unit as one model behind its command port (vec_bench.hpp), and its small parts side by side.
set(squat_vec_sources
  gen/squat_spec_pkg.sv rtl/squat_line_buffer.sv rtl/squat_row_reader.sv rtl/squat_rsqrt.sv rtl/squat_recip.sv rtl/squat_exp2_lane.sv
  rtl/squat_sine.sv rtl/squat_norm_mean.sv rtl/squat_norm_lane.sv rtl/squat_norm_lanes.sv rtl/squat_norm.sv rtl/squat_softmax_lane.sv rtl/squat_softmax_lanes.sv rtl/squat_softmax.sv rtl/squat_width_key.sv
  rtl/squat_width_rank.sv rtl/squat_tclm.sv rtl/squat_rope_table.sv rtl/squat_vec_out.sv rtl/squat_vec.sv)
squat_verilate(squat_rtl_vec TOP squat_vec SOURCES ${squat_vec_sources})
foreach(unit norm softmax tclm rope vec)
  squat_test(rtl_${unit}_test LABELS rtl SOURCES ${unit}_test.cpp LIBRARIES squat_rtl_vec squat_hls)
endforeach()

squat_verilate(squat_rtl_vec_parts TOP vec_parts_tb
  SOURCES gen/squat_spec_pkg.sv rtl/squat_line_buffer.sv rtl/squat_rsqrt.sv rtl/squat_recip.sv rtl/squat_exp2_lane.sv rtl/squat_sine.sv
          rtl/squat_param_buffer.sv rtl/squat_bias_buffer.sv rtl/squat_rope_buffer.sv ../tests/rtl/vec_parts_tb.sv)
squat_test(rtl_vec_parts_test LABELS rtl SOURCES vec_parts_test.cpp LIBRARIES squat_rtl_vec_parts squat_hls)

squat_verilate(squat_rtl_width_key TOP squat_width_key SOURCES rtl/squat_width_key.sv)
squat_test(rtl_width_key_test LABELS rtl SOURCES width_key_test.cpp LIBRARIES squat_rtl_width_key)
