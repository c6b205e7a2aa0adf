// SPDX-License-Identifier: Apache-2.0
// What a token's width depends on, one token per cycle, 6 cycles later:
//   key_o:  rank rules: the tokens with the largest keys are 8 bit (score, ~score, or the random key);
//   want_o: budget controller: the token asks for 8 bit;
//   target_o = floor(rho_num * (position + 1) / 1024): its share of the budget so far.
// base_i = seed * 0x9e3779b9 + (layer << 16), constant for a command. No back-pressure.
// Golden twin: ranking_key, wants_eight, random_key and the target of within_budget in hls/token_control.cpp.
module squat_width_key (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        reversed_i,
  input  logic        random_i,
  input  logic [31:0] base_i,
  input  logic [31:0] threshold_i,
  input  logic [10:0] rho_num_i,
  input  logic        valid_i,
  input  logic [31:0] score_i,
  input  logic [16:0] position_i,
  output logic        valid_o,
  output logic [31:0] key_o,
  output logic        want_o,
  output logic [17:0] target_o
);
  logic [5:0] valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[4:0], valid_i};
  end
  assign valid_o = valid_q[5];

  logic [31:0] x1_q, x2_q, x3_q, x4_q, x5_q, mixed;
  logic [31:0] score1_q, score2_q, score3_q, score4_q, score5_q;
  logic [16:0] next1_q;
  logic [48:0] weighted2_q;
  logic [17:0] target2_q, target3_q, target4_q, target5_q;
  logic        above3_q, above4_q, above5_q;
  assign mixed = x5_q ^ (x5_q >> 16);

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      x1_q     <= base_i + 32'(position_i);
      score1_q <= score_i;
      next1_q  <= position_i + 17'd1;
    end
    if (valid_q[0]) begin
      x2_q        <= x1_q ^ (x1_q >> 16);
      score2_q    <= score1_q;
      weighted2_q <= 49'(score1_q) * 49'(next1_q);
      target2_q   <= 18'((28'(rho_num_i) * 28'(next1_q)) >> 10);
    end
    if (valid_q[1]) begin
      x3_q      <= x2_q * 32'h85eb_ca6b;
      score3_q  <= score2_q;
      above3_q  <= weighted2_q >= 49'(threshold_i);
      target3_q <= target2_q;
    end
    if (valid_q[2]) begin
      x4_q      <= x3_q ^ (x3_q >> 13);
      score4_q  <= score3_q;
      above4_q  <= above3_q;
      target4_q <= target3_q;
    end
    if (valid_q[3]) begin
      x5_q      <= x4_q * 32'hc2b2_ae35;
      score5_q  <= score4_q;
      above5_q  <= above4_q;
      target5_q <= target4_q;
    end
    if (valid_q[4]) begin
      target_o <= target5_q;
      if (random_i) begin
        key_o  <= mixed;
        want_o <= 11'(mixed[31:22]) < rho_num_i;
      end else begin
        key_o  <= reversed_i ? ~score5_q : score5_q;
        want_o <= above5_q ^ reversed_i;
      end
    end
  end
endmodule
