// SPDX-License-Identifier: Apache-2.0
// Requantisation of one beat: y = clamp((x*m + 2^(s-1)) >> s), rounding half up (hls/requantize.hpp).
//
// Even and odd lanes have their own multiplier and shift. code_i = 0: clamped to [-max_i - 1, max_i]. code_i = 1: an int8 code
// when eight_i, else a 4-bit code times 8 (shift s + 3). One 27x18 multiplier per lane: |x| < 2^26.
// Latency: 3 cycles, a beat per cycle, no stall. m, s, code, max stay constant while beats are inside.
// Parameter contract: Lanes even; Bits 32, or 8 where code_i is always 1 (y_o is its sign extension). max_i is 2^13 - 1, 2^15 - 1 or 2^31 - 1.
module squat_post_requant #(
  parameter int unsigned Lanes = 16,
  parameter int unsigned Bits = 32
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic [16:0]         m_even_i,
  input  logic [16:0]         m_odd_i,
  input  logic [5:0]          s_even_i,
  input  logic [5:0]          s_odd_i,
  input  logic                code_i,
  input  logic [31:0]         max_i,

  input  logic                valid_i,
  input  logic                eight_i,
  input  logic [32*Lanes-1:0] x_i,
  output logic                valid_o,
  output logic                eight_o,
  output logic [32*Lanes-1:0] y_o
);
  logic product_valid_q, product_eight_q, sum_valid_q, sum_eight_q;
  always_ff @(posedge clk_i) begin
    product_valid_q <= valid_i && rst_ni;
    sum_valid_q     <= product_valid_q && rst_ni;
    valid_o         <= sum_valid_q && rst_ni;
    product_eight_q <= eight_i;
    sum_eight_q     <= product_eight_q;
    eight_o         <= sum_eight_q;
  end

  // A 4-bit code is rounded once, 3 bits higher, and shown on the 8-bit grid.
  logic        sum_four;
  logic [5:0]  shift_even, shift_odd;
  logic [43:0] mask_even_q, mask_odd_q;  // what must equal the sign: bit i for i >= s + k, see squat_requant_lane
  logic [4:0]  top;
  assign shift_even = s_even_i + ((code_i && !product_eight_q) ? 6'd3 : 6'd0);
  assign shift_odd  = s_odd_i + ((code_i && !product_eight_q) ? 6'd3 : 6'd0);
  assign sum_four   = code_i && !sum_eight_q;
  assign top        = code_i ? {3'd0, sum_eight_q, !sum_eight_q} : {max_i[30], max_i[14] && !max_i[30], !max_i[14], 2'd0};

  logic [6:0] k;
  assign k = code_i ? (eight_i ? 7'd7 : 7'd6) : max_i[30] ? 7'd31 : max_i[14] ? 7'd15 : 7'd13;
  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      mask_even_q <= {44{1'b1}} << ({1'b0, s_even_i} + k);
      mask_odd_q  <= {44{1'b1}} << ({1'b0, s_odd_i} + k);
    end
  end

  for (genvar i = 0; i < Lanes; i = i + 1) begin : gen_lane
    logic [Bits-1:0] y;
    squat_requant_lane #(.Bits(Bits)) u_lane (
      .clk_i, .en_i({sum_valid_q, product_valid_q, valid_i}), .x_i(x_i[32*i +: 27]), .m_i(i % 2 == 0 ? m_even_i : m_odd_i),
      .mask_i(i % 2 == 0 ? mask_even_q : mask_odd_q), .shift_i(i % 2 == 0 ? shift_even : shift_odd), .top_i(top), .four_i(sum_four),
      .y_o(y)
    );
    assign y_o[32*i +: 32] = 32'($signed(y));
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) begin
      assert (code_i || max_i == 32'd8191 || max_i == 32'd32767 || max_i == 32'h7fff_ffff) else $error("squat_post_requant: clamp");
      assert (s_even_i <= 6'd46 && s_odd_i <= 6'd46) else $error("squat_post_requant: shift beyond 46");
      for (int unsigned i = 0; i < Lanes; i = i + 1) begin
        assert ($signed(x_i[32*i +: 32]) == 32'($signed(x_i[32*i +: 27]))) else $error("squat_post_requant: |x| >= 2^26");
      end
    end
  end
`endif
endmodule
