// SPDX-License-Identifier: Apache-2.0
// squat_width_key is the C++ leaves random_key, ranking_key, wants_eight and budget_target, six cycles later, for every token.
module hls_keys (
  input logic        clk_i,
  input logic        reversed_i,
  input logic        random_i,
  input logic [31:0] base_i,
  input logic [31:0] threshold_i,
  input logic [10:0] rho_num_i,
  input logic [31:0] score_i,
  input logic [16:0] position_i
);
  logic [31:0]        score_q[6];
  logic [16:0]        position_q[6];
  logic               reversed_q, random_q;
  logic [31:0]        base_q, threshold_q;
  logic [10:0]        rho_q;
  logic [3:0]         cycle_q = '0;
  logic               unused_valid, want, leaf_want;
  logic [31:0]        key, leaf_key;
  logic [17:0]        target;
  logic signed [18:0] leaf_target;
  squat_width_key u_key (
    .clk_i, .rst_ni(1'b1), .reversed_i(reversed_q), .random_i(random_q), .base_i(base_q), .threshold_i(threshold_q), .rho_num_i(rho_q),
    .valid_i(1'b1), .score_i, .position_i, .valid_o(unused_valid), .key_o(key), .want_o(want), .target_o(target));
  hls_width_key u_leaf (
    .reversed_i(reversed_q), .random_i(random_q), .base_i(base_q), .threshold_i(threshold_q), .rho_num_i(rho_q), .score_i(score_q[5]),
    .position_i(position_q[5]), .key_o(leaf_key), .want_o(leaf_want), .target_o(leaf_target));

  always_ff @(posedge clk_i) begin
    score_q[0]    <= score_i;
    position_q[0] <= position_i;
    for (int i = 1; i < 6; i++) begin
      score_q[i]    <= score_q[i-1];
      position_q[i] <= position_q[i-1];
    end
    // The rule stays for the whole command.
    if (cycle_q == 4'd0) {reversed_q, random_q, base_q, threshold_q, rho_q} <= {reversed_i, random_i, base_i, threshold_i, rho_num_i};
    if (cycle_q != 4'd8) cycle_q <= cycle_q + 4'd1;
  end
  always_comb begin
    if (cycle_q == 4'd8) begin
      assert (key == leaf_key);
      assert (want == leaf_want);
      assert (19'(target) == leaf_target);
    end
  end
endmodule
