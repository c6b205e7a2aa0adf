// SPDX-License-Identifier: Apache-2.0
// Codes of squat_io_requant are those of the C++ leaf scale_code (narrow, -127..127) on the same product, three cycles later, although it
// rounds in another way: for any multiplication to 44 bits.
module hls_value_codes #(
  parameter logic Eight = 1'b1  // of tokens that keep 8 bits
) (
  input logic               clk_i,
  input logic signed [26:0] x_i,
  input logic [16:0]        m_i,
  input logic [5:0]         s_i
);
  logic signed [26:0] x1_q, x2_q, x3_q;
  logic [16:0]        m_q;
  logic [5:0]         s_q;
  logic [2:0]         cycle_q = '0;
  logic [511:0]       y;
  logic [127:0]       bytes;
  logic signed [7:0]  code;
  logic signed [43:0] product;
  logic               unused_valid;
  squat_io_requant u_requant (
    .clk_i, .rst_ni(1'b1), .m_i(m_q), .s_i(s_q), .code_i(1'b1), .valid_i(1'b1), .acc_i({405'd0, x_i}), .eight_i(Eight), .valid_o(unused_valid),
    .value_o(y), .byte_o(bytes));
  assign product = 44'(x3_q) * 44'($signed({1'b0, m_q}));
  hls_scale_code u_code (.product_i(50'(product)), .s_i(s_q), .eight_i(Eight), .low8_i(-32'sd127), .code_o(code));

  always_ff @(posedge clk_i) begin
    {x1_q, x2_q, x3_q} <= {x_i, x1_q, x2_q};
    // The factor stays for the whole command.
    if (cycle_q == 3'd0) {m_q, s_q} <= {m_i, s_i};
    if (cycle_q != 3'd5) cycle_q <= cycle_q + 3'd1;
  end
  always_comb begin
    if (cycle_q != 3'd0) assume (s_q >= 6'd1 && s_q <= 6'd46);
    if (cycle_q == 3'd5) assert (y[31:0] == 32'(code) && bytes[7:0] == code);
  end
endmodule
