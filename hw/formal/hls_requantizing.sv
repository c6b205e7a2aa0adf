// SPDX-License-Identifier: Apache-2.0
// squat_post_requant is the C++ leaves requantize and requantize_code, three cycles later, for every beat, any factor, the three
// clamps in use and any multiplication. Beats of
// both widths in a row: tests/rtl/post_lanes_test.cpp, hls_gemm_test.cpp.
module hls_requantizing #(
  parameter logic Code = 1'b1,
  parameter logic Eight = 1'b1  // codes: of tokens that keep 8 bits
) (
  input logic               clk_i,
  input logic signed [26:0] x_i,
  input logic [16:0]        m_i,
  input logic [5:0]         s_i,
  input logic [30:0]        max_i
);
  logic signed [26:0] x1_q, x2_q, x3_q;
  logic [16:0]        m_q;
  logic [5:0]         s_q;
  logic [30:0]        max_q;
  logic [2:0]         cycle_q = '0;
  logic [63:0]        y;
  logic signed [7:0]  code;
  logic signed [31:0] value;
  logic               unused_valid, unused_eight;
  squat_post_requant #(.Lanes(2)) u_requant (
    .clk_i, .rst_ni(1'b1), .m_even_i(m_q), .m_odd_i(m_q), .s_even_i(s_q), .s_odd_i(s_q), .code_i(Code), .max_i({1'b0, max_q}),
    .valid_i(1'b1), .eight_i(Eight), .x_i({2{{5{x_i[26]}}, x_i}}), .valid_o(unused_valid), .eight_o(unused_eight), .y_o(y));
  hls_requantize_code u_code (.x_i(x3_q), .m_i(m_q), .s_i(s_q), .eight_i(Eight), .low8_i(-32'sd128), .code_o(code));
  hls_requantize u_value (.x_i(x3_q), .m_i(m_q), .s_i(s_q), .low_i(~{1'b0, max_q}), .high_i({1'b0, max_q}), .y_o(value));

  always_ff @(posedge clk_i) begin
    {x1_q, x2_q, x3_q} <= {x_i, x1_q, x2_q};
    // The factor stays for the whole command.
    if (cycle_q == 3'd0) {m_q, s_q, max_q} <= {m_i, s_i, max_i};
    if (cycle_q != 3'd5) cycle_q <= cycle_q + 3'd1;
  end
  always_comb begin
    if (cycle_q != 3'd0) assume (s_q <= 6'd46);
    if (cycle_q != 3'd0) assume (max_q == 31'd8191 || max_q == 31'd32767 || max_q == 31'h7fff_ffff);
    if (cycle_q == 3'd5) begin
      if (Code) assert (y[31:0] == 32'(code) && y[63:32] == 32'(code));
      if (!Code) assert (y[31:0] == value && y[63:32] == value);
    end
  end
endmodule
