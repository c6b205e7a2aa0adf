set(squat_post_sources gen/squat_spec_pkg.sv rtl/squat_requant_lane.sv rtl/squat_post_requant.sv rtl/squat_post_gate.sv rtl/squat_post_gated.sv
    rtl/squat_post_rope.sv rtl/squat_post_sum.sv rtl/squat_post_jobs.sv rtl/squat_post_addr.sv rtl/squat_post_out.sv rtl/squat_post.sv)
squat_verilate(squat_rtl_post TOP squat_post SOURCES ${squat_post_sources})
squat_test(rtl_post_test LABELS rtl SOURCES post_test.cpp LIBRARIES squat_rtl_post squat_hls)
squat_verilate(squat_rtl_post_gate TOP squat_post_gate SOURCES gen/squat_spec_pkg.sv rtl/squat_post_gate.sv)
squat_verilate(squat_rtl_post_requant TOP squat_post_requant SOURCES rtl/squat_requant_lane.sv rtl/squat_post_requant.sv)
squat_test(rtl_post_lanes_test LABELS rtl SOURCES post_lanes_test.cpp LIBRARIES squat_rtl_post_gate squat_rtl_post_requant squat_hls)
