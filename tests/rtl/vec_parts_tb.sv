// SPDX-License-Identifier: Apache-2.0
// Bench top: the small parts of the vector unit side by side (vec_parts_test.cpp). Latencies in the parts' headers.
module vec_parts_tb (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         valid_i,
  input  logic [46:0]  rsqrt_sum_i,
  output logic         rsqrt_valid_o,
  output logic [17:0]  rsqrt_r_o,
  output logic [4:0]   rsqrt_k_o,
  input  logic [30:0]  recip_sum_i,
  output logic         recip_valid_o,
  output logic [17:0]  recip_r_o,
  output logic [4:0]   recip_n_o,
  input  logic [16:0]  exp2_t_i,
  output logic [20:0]  exp2_e_o,
  input  logic [31:0]  sine_phase_i,
  output logic [15:0]  sine_o,
  // squat_param_buffer.
  input  logic         par_wr_valid_i,
  input  logic [1:0]   par_wr_buffer_i,
  input  logic [9:0]   par_wr_word_i,
  input  logic [511:0] par_wr_data_i,
  input  logic         gain_en_i,
  input  logic         beta_en_i,
  input  logic [6:0]   gain_addr_i,
  output logic [287:0] gain_data_o,
  output logic [383:0] beta_data_o,
  input  logic         step_en_i,
  input  logic [1:0]   step_addr_i,
  output logic [511:0] step_data_o,
  // squat_bias_buffer.
  input  logic         bias_en_i,
  input  logic [9:0]   bias_addr_i,
  output logic [431:0] bias_data_o,
  // squat_rope_buffer.
  input  logic         rope_wr_valid_i,
  input  logic [9:0]   rope_wr_addr_i,
  input  logic [2:0]   rope_wr_lane_i,
  input  logic [31:0]  rope_wr_data_i,
  input  logic         rope_en_i,
  input  logic [9:0]   rope_addr_i,
  output logic [255:0] rope_data_o
);
  squat_rsqrt u_rsqrt (
    .clk_i, .rst_ni, .valid_i, .sum_i(rsqrt_sum_i), .valid_o(rsqrt_valid_o), .r_o(rsqrt_r_o), .k_o(rsqrt_k_o));
  squat_recip u_recip (
    .clk_i, .rst_ni, .valid_i, .sum_i(recip_sum_i), .valid_o(recip_valid_o), .r_o(recip_r_o), .n_o(recip_n_o));
  squat_exp2_lane u_exp2 (.clk_i, .en_i(4'hf), .t_i(exp2_t_i), .e_o(exp2_e_o));
  squat_sine u_sine (.clk_i, .en_i(4'hf), .phase_i(sine_phase_i), .sine_o);
  squat_param_buffer u_params (
    .clk_i, .rst_ni, .par_wr_valid_i, .par_wr_buffer_i, .par_wr_word_i, .par_wr_data_i, .gain_en_i, .beta_en_i, .gain_addr_i,
    .gain_data_o, .beta_data_o, .step_en_i, .step_addr_i, .step_data_o);
  squat_bias_buffer u_biases (
    .clk_i, .par_wr_valid_i, .par_wr_buffer_i, .par_wr_word_i, .par_wr_data_i, .bias_en_i, .bias_addr_i, .bias_data_o);
  squat_rope_buffer u_rope (
    .clk_i, .rst_ni, .wr_valid_i(rope_wr_valid_i), .wr_addr_i(rope_wr_addr_i), .wr_lane_i(rope_wr_lane_i),
    .wr_data_i(rope_wr_data_i), .rope_en_i, .rope_addr_i, .rope_data_o);
endmodule
