// SPDX-License-Identifier: Apache-2.0
// The on-chip memories that units share: vector and activation memory, width tables, parameter, bias and RoPE buffers.
// Latency and handshakes: those of the memories (docs/develop/accelerator.md, "Module boundaries").
module squat_memories #(
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  // vector memory: read 0 post, 1 io, 2 vec; write 0 post, 1 io
  input  logic [2:0]    vs_rd_valid_i,
  input  logic [41:0]   vs_rd_addr_i,
  output logic [2:0]    vs_rd_ready_o,
  output logic [2:0]    vs_rd_rvalid_o,
  output logic [511:0]  vs_rd_data_o,
  input  logic [1:0]    vs_wr_valid_i,
  input  logic [27:0]   vs_wr_addr_i,
  input  logic [1023:0] vs_wr_data_i,
  output logic [1:0]    vs_wr_ready_o,
  // activation memory: array read; write 0 post, 1 vec; read io
  input  logic          ard_en_i,
  input  logic [14:0]   ard_addr_e_i,
  input  logic [14:0]   ard_addr_o_i,
  input  logic [3:0]    ard_rot_i,
  output logic [127:0]  ard_e_o,
  output logic [127:0]  ard_o_o,
  input  logic [1:0]    as_wr_valid_i,
  input  logic [1:0]    as_wr_half_i,
  input  logic [29:0]   as_wr_addr_i,
  input  logic [7:0]    as_wr_rot_i,
  input  logic [255:0]  as_wr_data_i,
  input  logic [31:0]   as_wr_mask_i,
  output logic [1:0]    as_wr_ready_o,
  input  logic          as_rd_valid_i,
  input  logic          as_rd_half_i,
  input  logic [14:0]   as_rd_addr_i,
  input  logic [3:0]    as_rd_rot_i,
  output logic          as_rd_ready_o,
  output logic          as_rd_rvalid_o,
  output logic [127:0]  as_rd_data_o,
  // width tables: written by vec; queries 0 post, 1 io, 2 vec
  input  logic          tt_wr_start_i,
  input  logic          tt_wr_table_i,
  input  logic [7:0]    tt_wr_count_i,
  input  logic [7:0]    tt_wr_n8_i,
  input  logic          tt_wr_valid_i,
  input  logic [6:0]    tt_wr_token_i,
  input  logic [7:0]    tt_wr_slot_i,
  input  logic          tt_wr_eight_i,
  input  logic [2:0]    q_table_i,
  input  logic [20:0]   q_token_i,
  output logic [23:0]   q_slot_o,
  output logic [2:0]    q_eight_o,
  input  logic          s_table_i,
  input  logic [7:0]    s_slot_i,
  output logic [6:0]    s_token_o,
  output logic          s_valid_o,
  output logic [15:0]   n8_o,
  output logic [15:0]   table_tokens_o,
  // parameters and biases: written by io, read by vec and post
  input  logic          par_wr_valid_i,
  input  logic [1:0]    par_wr_buffer_i,
  input  logic [9:0]    par_wr_word_i,
  input  logic [511:0]  par_wr_data_i,
  input  logic          gain_en_i,
  input  logic          beta_en_i,
  input  logic [6:0]    gain_addr_i,
  output logic [287:0]  gain_data_o,
  output logic [383:0]  beta_data_o,
  input  logic          step_en_i,
  input  logic [1:0]    step_addr_i,
  output logic [511:0]  step_data_o,
  input  logic          bias_en_i,
  input  logic [9:0]    bias_addr_i,
  output logic [431:0]  bias_data_o,
  // sines and cosines: written by vec, read by post
  input  logic          rope_wr_valid_i,
  input  logic [9:0]    rope_wr_addr_i,
  input  logic [2:0]    rope_wr_lane_i,
  input  logic [31:0]   rope_wr_data_i,
  input  logic          rope_en_i,
  input  logic [9:0]    rope_addr_i,
  output logic [255:0]  rope_data_o
);
  // Parameter contract
  // Those of the memories.

  squat_vsram #(
    .Readers(3),
    .Writers(2),
    .Depth(VsramDepth)
  ) u_vsram (
    .clk_i,
    .rst_ni,
    .rd_valid_i (vs_rd_valid_i),
    .rd_addr_i  (vs_rd_addr_i),
    .rd_ready_o (vs_rd_ready_o),
    .rd_rvalid_o(vs_rd_rvalid_o),
    .rd_data_o  (vs_rd_data_o),
    .wr_valid_i (vs_wr_valid_i),
    .wr_addr_i  (vs_wr_addr_i),
    .wr_data_i  (vs_wr_data_i),
    .wr_ready_o (vs_wr_ready_o)
  );

  squat_asram #(
    .Depth(AsramDepth)
  ) u_asram (
    .clk_i,
    .rst_ni,
    .ard_en_i,
    .ard_addr_e_i,
    .ard_addr_o_i,
    .ard_rot_i,
    .ard_e_o,
    .ard_o_o,
    .wr_valid_i  (as_wr_valid_i),
    .wr_half_i   (as_wr_half_i),
    .wr_addr_i   (as_wr_addr_i),
    .wr_rot_i    (as_wr_rot_i),
    .wr_data_i   (as_wr_data_i),
    .wr_mask_i   (as_wr_mask_i),
    .wr_ready_o  (as_wr_ready_o),
    .rd_valid_i  (as_rd_valid_i),
    .rd_half_i   (as_rd_half_i),
    .rd_addr_i   (as_rd_addr_i),
    .rd_rot_i    (as_rd_rot_i),
    .rd_ready_o  (as_rd_ready_o),
    .rd_rvalid_o (as_rd_rvalid_o),
    .rd_data_o   (as_rd_data_o)
  );

  squat_token_tables u_tables (
    .clk_i,
    .rst_ni,
    .wr_start_i(tt_wr_start_i),
    .wr_table_i(tt_wr_table_i),
    .wr_count_i(tt_wr_count_i),
    .wr_n8_i   (tt_wr_n8_i),
    .wr_valid_i(tt_wr_valid_i),
    .wr_token_i(tt_wr_token_i),
    .wr_slot_i (tt_wr_slot_i),
    .wr_eight_i(tt_wr_eight_i),
    .q_table_i,
    .q_token_i,
    .q_slot_o,
    .q_eight_o,
    .s_table_i,
    .s_slot_i,
    .s_token_o,
    .s_valid_o,
    .n8_o,
    .tokens_o  (table_tokens_o)
  );

  squat_param_buffer u_params (
    .clk_i,
    .rst_ni,
    .par_wr_valid_i,
    .par_wr_buffer_i,
    .par_wr_word_i,
    .par_wr_data_i,
    .gain_en_i,
    .beta_en_i,
    .gain_addr_i,
    .gain_data_o,
    .beta_data_o,
    .step_en_i,
    .step_addr_i,
    .step_data_o
  );

  squat_bias_buffer #(
    .Depth(BiasDepth)
  ) u_biases (
    .clk_i,
    .par_wr_valid_i,
    .par_wr_buffer_i,
    .par_wr_word_i,
    .par_wr_data_i,
    .bias_en_i,
    .bias_addr_i,
    .bias_data_o
  );

  squat_rope_buffer u_rope (
    .clk_i,
    .rst_ni,
    .wr_valid_i (rope_wr_valid_i),
    .wr_addr_i  (rope_wr_addr_i),
    .wr_lane_i  (rope_wr_lane_i),
    .wr_data_i  (rope_wr_data_i),
    .rope_en_i,
    .rope_addr_i,
    .rope_data_o
  );
endmodule
