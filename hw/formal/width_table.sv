// SPDX-License-Identifier: Apache-2.0
// The table that squat_tclm writes is a permutation into the two groups: every token once, in order; the 8-bit tokens in slots
// 0, 1, ..., the 4-bit tokens from the next multiple of 16 on, both in token order; the announced number of 8-bit tokens is theirs.
// Rule `sequence`, all scores of ScoreW bits, all numbers of up to Tokens tokens, every rho.
module width_table #(
  parameter int unsigned Tokens = 4,
  parameter int unsigned ScoreW = 2
) (
  input logic                     clk_i,
  input logic [Tokens*ScoreW-1:0] scores_i,
  input logic [7:0]               tokens_i,
  input logic [10:0]              rho_num_i
);
  logic [Tokens*ScoreW-1:0] scores_q;
  logic [7:0]               tokens_q, cycle_q = '0, written_q = '0, eights_q = '0, fours_q = '0, n8_q, count, n8, slot;
  logic [10:0]              rho_q;
  logic                     busy, score_en, start, valid, eight, good_q = 1'b1, done_q = 1'b0;
  logic [6:0]               score_token, token;
  logic [31:0]              score_q;
  squat_tclm u_tclm (
    .clk_i, .rst_ni(cycle_q != 8'd0), .start_i(cycle_q == 8'd1), .rule_i(3'd2), .count_i(1'b0), .tokens_i(tokens_q),
    .first_position_i('0), .rho_num_i(rho_q), .layer_i('0), .threshold_i('0), .seed_i('0), .eight_before_i('0), .busy_o(busy),
    .score_en_o(score_en), .score_token_o(score_token), .score_i(score_q), .tt_wr_start_o(start), .tt_wr_count_o(count),
    .tt_wr_n8_o(n8), .tt_wr_valid_o(valid), .tt_wr_token_o(token), .tt_wr_slot_o(slot), .tt_wr_eight_o(eight), .rep_valid_o(),
    .rep_layer_o(), .rep_total_o(), .rep_eight_o(), .rep_four_o());

  always_ff @(posedge clk_i) begin
    cycle_q <= cycle_q + 8'd1;
    if (cycle_q == 8'd0) begin
      scores_q <= scores_i;
      tokens_q <= tokens_i;
      rho_q    <= rho_num_i;
    end
    if (score_en) score_q <= 32'(scores_q[ScoreW*score_token[1:0] +: ScoreW]);
    if (cycle_q != 8'd0 && start) n8_q <= n8;
    if (cycle_q != 8'd0 && valid) begin
      written_q <= written_q + 8'd1;
      if (eight) eights_q <= eights_q + 8'd1;
      else       fours_q  <= fours_q + 8'd1;
      if (token != 7'(written_q) || slot != (eight ? eights_q : 8'd16 + fours_q)) good_q <= 1'b0;
    end
    if (cycle_q > 8'd1 && !busy) done_q <= 1'b1;
  end

  always_comb begin
    assume (tokens_i >= 8'd1 && tokens_i <= 8'(Tokens) && rho_num_i <= 11'd1024);
    assert (good_q);
    // Token 0 is always 8 bit, so the 4-bit group begins at 16 for up to 16 tokens.
    if (done_q) assert (written_q == tokens_q && eights_q == n8_q && eights_q != 8'd0);
    if (cycle_q != 8'd0 && start) assert (count == tokens_q);
    if (cycle_q > 8'(4 * Tokens + 24)) assert (done_q);
  end
endmodule
