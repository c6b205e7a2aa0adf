// SPDX-License-Identifier: Apache-2.0
// squat_dsp, enabled in every cycle, does the C++ leaf multiply_add: for any operands, any restarts and any multiplication.
module hls_step (
  input logic               clk_i,
  input logic               restart_i,
  input logic signed [26:0] a_i,
  input logic signed [17:0] b_i
);
  logic signed [47:0] p, next;
  logic signed [47:0] wanted_q;
  logic signed [26:0] a1_q, a2_q;
  logic signed [17:0] b1_q, b2_q;
  logic [2:0]         cycle_q = '0;
  squat_dsp u_dsp (.clk_i, .ce_ab_i(1'b1), .ce_m_i(1'b1), .ce_p_i(1'b1), .restart_i, .a_i, .b_i, .p_o(p));
  hls_multiply_add u_leaf (.p_i(restart_i ? 48'sd0 : p), .a_i(a2_q), .b_i(b2_q), .p_o(next));

  always_ff @(posedge clk_i) begin
    a1_q     <= a_i;
    a2_q     <= a1_q;
    b1_q     <= b_i;
    b2_q     <= b1_q;
    wanted_q <= next;
    if (cycle_q != 3'd4) cycle_q <= cycle_q + 3'd1;
  end
  // The operands of the product that is added have passed two registers.
  always_comb if (cycle_q == 3'd4) assert (p == wanted_q);
endmodule
