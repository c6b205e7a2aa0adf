// SPDX-License-Identifier: Apache-2.0
// squat_tclm's share controller is the C++ leaf within_budget, with the leaves' wishes and targets: two tokens of a later pass, every score, share,
// threshold, position and count; any multiplication.
module hls_budget (
  input logic        clk_i,
  input logic [31:0] score0_i,
  input logic [31:0] score1_i,
  input logic [31:0] threshold_i,
  input logic [10:0] rho_num_i,
  input logic [15:0] first_position_i,
  input logic [15:0] eight_before_i
);
  logic [31:0] score0_q, score1_q, threshold_q, score_q;
  logic [10:0] rho_q;
  logic [15:0] position_q, before_q;
  logic [5:0]  cycle_q = '0;
  logic [1:0]  written_q = '0;
  logic        score_en, wr_valid, wr_eight;
  logic [6:0]  score_token, wr_token;
  squat_tclm u_tclm (
    .clk_i, .rst_ni(cycle_q != 6'd0), .start_i(cycle_q == 6'd1), .rule_i(3'd3), .count_i(1'b0), .tokens_i(8'd2), .first_position_i(position_q),
    .rho_num_i(rho_q), .layer_i(6'd0), .threshold_i(threshold_q), .seed_i(32'd0), .eight_before_i(before_q), .busy_o(), .score_en_o(score_en),
    .score_token_o(score_token), .score_i(score_q), .tt_wr_start_o(), .tt_wr_count_o(), .tt_wr_n8_o(), .tt_wr_valid_o(wr_valid),
    .tt_wr_token_o(wr_token), .tt_wr_slot_o(), .tt_wr_eight_o(wr_eight), .rep_valid_o(), .rep_layer_o(), .rep_total_o(), .rep_eight_o(),
    .rep_four_o());

  logic               want0, want1, eight0, eight1;
  logic signed [18:0] target0, target1;
  hls_width_key u_key0 (
    .reversed_i(1'b0), .random_i(1'b0), .base_i(32'd0), .threshold_i(threshold_q), .rho_num_i(rho_q), .score_i(score0_q),
    .position_i({1'b0, position_q}), .key_o(), .want_o(want0), .target_o(target0));
  hls_width_key u_key1 (
    .reversed_i(1'b0), .random_i(1'b0), .base_i(32'd0), .threshold_i(threshold_q), .rho_num_i(rho_q), .score_i(score1_q),
    .position_i({1'b0, position_q} + 17'd1), .key_o(), .want_o(want1), .target_o(target1));
  hls_within_budget u_budget0 (.want_i(want0), .target_i(target0), .eight_before_i({1'b0, before_q}), .eight_o(eight0));
  hls_within_budget u_budget1 (.want_i(want1), .target_i(target1), .eight_before_i({1'b0, before_q} + 17'(eight0)), .eight_o(eight1));

  always_ff @(posedge clk_i) begin
    if (cycle_q == 6'd0) {score0_q, score1_q, threshold_q, rho_q, position_q, before_q} <=
      {score0_i, score1_i, threshold_i, rho_num_i, first_position_i, eight_before_i};
    if (cycle_q != 6'd63) cycle_q <= cycle_q + 6'd1;
    if (score_en) score_q <= score_token == 7'd0 ? score0_q : score1_q;
    if (wr_valid && cycle_q > 6'd1 && written_q != 2'd2) written_q <= written_q + 2'd1;
  end
  always_comb begin
    assume (first_position_i != 16'd0 && rho_num_i <= 11'd1024);
    if (wr_valid && cycle_q > 6'd1) assert (wr_eight == (wr_token == 7'd0 ? eight0 : eight1));
    if (cycle_q > 6'd17) assert (written_q == 2'd2);
  end
endmodule
