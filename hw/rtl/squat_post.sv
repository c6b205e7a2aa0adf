// SPDX-License-Identifier: Apache-2.0
// Post-processing of the array: reads finished accumulator banks and requantises, rotates, gates or passes on their sums into
// vector memory, activation memory or the logits port (docs/develop/accelerator.md, squat_post; hw/spec/commands.json, post operations).
//
//   jobs -> addr (issue) -> sum -+-> requant -+-> rope ---+-> out -> memories
//                                |            +-> gated --+
//                                +------------+-----------+
//
// A beat (16 channels of a token) per cycle, gelu every other cycle, four cycles when banded. Cycles from issue (accumulator read) to
// write request: raw, logits 4; code 7; residual 8; rope 10; gated 15; gelu 16. bank_free_o comes in the cycle of the last accumulator data.
// The first beat issues 2 cycles after its job was accepted, done_o comes in the cycle after the last accepted write.
// Between commands the pipeline empties; within one, jobs follow without a gap.
// Parameter contract: none.
module squat_post (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic         job_bank_i,
  input  logic [15:0]  job_tile_i,
  input  logic [1:0]   job_wide_i,
  input  logic [3:0]   job_group_i,
  input  logic         job_pair_i,
  input  logic         job_last_i,
  input  logic [511:0] job_cmd_i,

  output logic         acc_rd_en_o,
  output logic         acc_rd_bank_o,
  output logic [3:0]   acc_rd_row_o,
  output logic [1:0]   acc_rd_block_o,
  output logic         acc_rd_half_o,
  output logic         acc_rd_pair_o,
  input  logic [511:0] acc_data_i,
  output logic [1:0]   bank_free_o,

  output logic         s_table_o,
  output logic [7:0]   s_slot_o,
  input  logic [6:0]   s_token_i,
  input  logic         s_valid_i,
  output logic         q_table_o,
  output logic [6:0]   q_token_o,
  input  logic [7:0]   q_slot_i,
  input  logic         q_eight_i,

  output logic         vs_rd_valid_o,
  output logic [13:0]  vs_rd_addr_o,
  input  logic         vs_rd_ready_i,
  input  logic         vs_rd_rvalid_i,
  input  logic [511:0] vs_rd_data_i,
  output logic         vs_wr_valid_o,
  output logic [13:0]  vs_wr_addr_o,
  output logic [511:0] vs_wr_data_o,
  input  logic         vs_wr_ready_i,

  output logic         as_wr_valid_o,
  output logic         as_wr_half_o,
  output logic [14:0]  as_wr_addr_o,
  output logic [3:0]   as_wr_rot_o,
  output logic [127:0] as_wr_data_o,
  output logic [15:0]  as_wr_mask_o,
  input  logic         as_wr_ready_i,

  output logic         rope_en_o,
  output logic [9:0]   rope_addr_o,
  input  logic [255:0] rope_data_i,

  output logic         bias_en_o,
  output logic [9:0]   bias_addr_o,
  input  logic [431:0] bias_data_i,

  output logic         lg_valid_o,
  output logic [31:0]  lg_addr_o,
  output logic [511:0] lg_data_o,
  input  logic         lg_ready_i,

  output logic         done_o
);
  logic [511:0] cmd;
  logic         beat_valid, beat_ready, beat_null, beat_end, beat_bank, beat_half, beat_pair, beat_first, beat_last, beat_shift;
  logic [3:0]   beat_row;
  logic [1:0]   beat_block;
  logic [6:0]   beat_token;
  logic [16:0]  beat_unit;
  logic         addr_idle, out_idle;
  squat_post_jobs u_jobs (
    .clk_i, .rst_ni,
    .job_valid_i, .job_ready_o, .job_bank_i, .job_tile_i, .job_wide_i, .job_group_i, .job_pair_i, .job_last_i, .job_cmd_i, .cmd_o(cmd),
    .s_table_o, .s_slot_o, .s_token_i, .s_valid_i,
    .beat_valid_o(beat_valid), .beat_ready_i(beat_ready), .beat_null_o(beat_null), .beat_end_o(beat_end),
    .beat_bank_o(beat_bank), .beat_row_o(beat_row), .beat_block_o(beat_block), .beat_half_o(beat_half), .beat_pair_o(beat_pair),
    .beat_first_o(beat_first), .beat_last_o(beat_last), .beat_shift_o(beat_shift), .beat_token_o(beat_token),
    .beat_unit_o(beat_unit), .idle_i(addr_idle && out_idle), .done_o
  );

  logic        room, first, last, shift, eight, meta_push;
  logic [31:0] meta;
  logic [9:0]  rope_addr;
  squat_post_addr u_addr (
    .clk_i, .rst_ni, .cmd_i(cmd),
    .beat_valid_i(beat_valid), .beat_ready_o(beat_ready), .beat_null_i(beat_null), .beat_end_i(beat_end),
    .beat_bank_i(beat_bank), .beat_row_i(beat_row), .beat_block_i(beat_block), .beat_half_i(beat_half), .beat_pair_i(beat_pair),
    .beat_first_i(beat_first), .beat_last_i(beat_last), .beat_shift_i(beat_shift), .beat_token_i(beat_token),
    .beat_unit_i(beat_unit),
    .q_table_o, .q_token_o, .q_slot_i, .q_eight_i,
    .room_i(room), .vs_rd_valid_o, .vs_rd_addr_o, .vs_rd_ready_i,
    .acc_rd_en_o, .acc_rd_bank_o, .acc_rd_row_o, .acc_rd_block_o, .acc_rd_half_o, .acc_rd_pair_o, .bank_free_o,
    .bias_en_o, .bias_addr_o, .first_o(first), .last_o(last), .shift_o(shift), .eight_o(eight),
    .meta_push_o(meta_push), .meta_o(meta), .rope_addr_o(rope_addr), .idle_o(addr_idle)
  );

  logic         x_valid, x_eight;
  logic [511:0] x;
  squat_post_sum u_sum (
    .clk_i, .rst_ni, .en_i(acc_rd_en_o), .first_i(first), .last_i(last), .shift_i(shift), .eight_i(eight),
    .bias_i(cmd[squat_spec_pkg::GemmBiasLsb]), .bias_data_i, .acc_data_i,
    .valid_o(x_valid), .eight_o(x_eight), .x_o(x)
  );

  logic [2:0]  post;
  logic        is_gated, is_gelu, is_code, is_rope, is_residual;
  logic [16:0] m0, m1;
  logic [5:0]  s0, s1;
  assign post        = cmd[squat_spec_pkg::GemmPostLsb +: squat_spec_pkg::GemmPostW];
  assign is_gated    = post == squat_spec_pkg::PostGated;
  assign is_gelu     = post == squat_spec_pkg::PostGelu;
  assign is_code     = post == squat_spec_pkg::PostCode;
  assign is_rope     = post == squat_spec_pkg::PostRope;
  assign is_residual = post == squat_spec_pkg::PostResidual;
  assign m0          = cmd[squat_spec_pkg::GemmM0Lsb +: squat_spec_pkg::GemmM0W];
  assign s0          = cmd[squat_spec_pkg::GemmS0Lsb +: squat_spec_pkg::GemmS0W];
  assign m1          = cmd[squat_spec_pkg::GemmM1Lsb +: squat_spec_pkg::GemmM1W];
  assign s1          = cmd[squat_spec_pkg::GemmS1Lsb +: squat_spec_pkg::GemmS1W];

  logic         y_valid, y_eight;
  logic [511:0] y;
  squat_post_requant #(.Lanes(16)) u_requant (
    .clk_i, .rst_ni,
    .m_even_i(m0), .m_odd_i(is_gated ? m1 : m0), .s_even_i(s0), .s_odd_i(is_gated ? s1 : s0),
    .code_i(is_code), .max_i(is_residual ? 32'h7fffffff : is_rope ? 32'd32767 : 32'd8191),
    .valid_i(x_valid && (is_gated || is_gelu || is_code || is_rope || is_residual)), .eight_i(x_eight), .x_i(x),
    .valid_o(y_valid), .eight_o(y_eight), .y_o(y)
  );

  logic         rope_valid;
  logic [127:0] rope_codes;
  squat_post_rope #(.Lead(3)) u_rope (
    .clk_i, .rst_ni,
    .req_i(meta_push && is_rope), .req_addr_i(rope_addr), .rope_en_o, .rope_addr_o, .rope_data_i,
    .valid_i(y_valid && is_rope), .eight_i(y_eight), .p_i(y), .valid_o(rope_valid), .codes_o(rope_codes)
  );

  logic         gated_valid;
  logic [127:0] gated_codes;
  squat_post_gated u_gated (
    .clk_i, .rst_ni,
    .gelu_i(is_gelu), .frac_i(cmd[squat_spec_pkg::GemmFracLsb +: squat_spec_pkg::GemmFracW]),
    .m_i(cmd[squat_spec_pkg::GemmM2Lsb +: squat_spec_pkg::GemmM2W]), .s_i(cmd[squat_spec_pkg::GemmS2Lsb +: squat_spec_pkg::GemmS2W]),
    .valid_i(y_valid && (is_gated || is_gelu)), .eight_i(y_eight), .gu_i(y), .valid_o(gated_valid), .codes_o(gated_codes)
  );

  squat_post_out #(.Depth(16), .Operands(4)) u_out (
    .clk_i, .rst_ni, .post_i(post),
    .meta_push_i(meta_push), .meta_i(meta), .room_o(room), .idle_o(out_idle),
    .x_valid_i(x_valid), .x_i(x), .y_valid_i(y_valid), .y_i(y),
    .rope_valid_i(rope_valid), .rope_codes_i(rope_codes), .gated_valid_i(gated_valid), .gated_codes_i(gated_codes),
    .vs_rd_rvalid_i, .vs_rd_data_i,
    .vs_wr_valid_o, .vs_wr_addr_o, .vs_wr_data_o, .vs_wr_ready_i,
    .as_wr_valid_o, .as_wr_half_o, .as_wr_addr_o, .as_wr_rot_o, .as_wr_data_o, .as_wr_mask_o, .as_wr_ready_i,
    .lg_valid_o, .lg_addr_o, .lg_data_o, .lg_ready_i
  );
endmodule
