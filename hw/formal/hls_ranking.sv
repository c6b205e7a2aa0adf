// SPDX-License-Identifier: Apache-2.0
// squat_width_rank compares and limits as the C++ leaves comes_before and eight_limit: three tokens, all keys of 32 bits, every share, with and
// without the prefix rule.
module hls_ranking (
  input logic        clk_i,
  input logic [31:0] key1_i,
  input logic [31:0] key2_i,
  input logic        prefix_i,
  input logic [10:0] rho_num_i
);
  logic [31:0] key1_q, key2_q;
  logic        prefix_q;
  logic [10:0] rho_q;
  logic [4:0]  cycle_q = '0;
  logic [1:0]  decided_q = '0;
  logic [2:0]  eight_q;
  logic        valid, eight, last, before2, before1;
  logic [7:0]  seen1, limit1, limit3;
  squat_width_rank u_rank (
    .clk_i, .rst_ni(cycle_q != 5'd0), .wr_valid_i(cycle_q >= 5'd1 && cycle_q <= 5'd3), .wr_token_i(7'(cycle_q - 5'd1)),
    .wr_key_i(cycle_q == 5'd2 ? key1_q : key2_q), .start_i(cycle_q == 5'd4), .prefix_i(prefix_q), .tokens_i(8'd3), .rho_num_i(rho_q),
    .valid_o(valid), .eight_o(eight), .last_o(last));
  // Token 1 among the tokens up to itself or all, token 2 among all.
  assign seen1 = prefix_q ? 8'd2 : 8'd3;
  hls_comes_before u_before2 (.j_i(8'd2), .key_j_i(key2_q), .seen_i(seen1), .i_i(8'd1), .key_i_i(key1_q), .before_o(before2));
  hls_comes_before u_before1 (.j_i(8'd1), .key_j_i(key1_q), .seen_i(8'd3), .i_i(8'd2), .key_i_i(key2_q), .before_o(before1));
  hls_eight_limit u_limit1 (.rho_num_i(rho_q), .seen_i(seen1), .limit_o(limit1));
  hls_eight_limit u_limit3 (.rho_num_i(rho_q), .seen_i(8'd3), .limit_o(limit3));

  always_ff @(posedge clk_i) begin
    if (cycle_q == 5'd0) {key1_q, key2_q, prefix_q, rho_q} <= {key1_i, key2_i, prefix_i, rho_num_i};
    if (cycle_q != 5'd31) cycle_q <= cycle_q + 5'd1;
    if (valid && cycle_q > 5'd4 && decided_q != 2'd3) begin
      eight_q   <= {eight, eight_q[2:1]};
      decided_q <= decided_q + 2'd1;
    end
  end
  always_comb begin
    assume (rho_num_i <= 11'd1024);
    if (decided_q == 2'd3) assert (eight_q == {8'd1 + 8'(before1) < limit3, 8'd1 + 8'(before2) < limit1, 1'b1});
    if (cycle_q > 5'd16) assert (decided_q == 2'd3);
  end
endmodule
