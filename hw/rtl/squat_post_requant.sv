// SPDX-License-Identifier: Apache-2.0
// Requantisation of one beat: y = clamp((x*m + 2^(s-1)) >> s), rounding half up (hls/requantize.hpp).
//
// Even and odd lanes have their own multiplier and shift. code_i = 0: clamped to [-max_i - 1, max_i]. code_i = 1: an int8 code
// when eight_i, else a 4-bit code times 8 (shift s + 3). One 27x18 multiplier per lane: |x| < 2^26.
// Latency: 3 cycles, a beat per cycle, no stall. m, s, code, max stay constant while beats are inside.
// Parameter contract: Lanes even.
module squat_post_requant #(
  parameter int unsigned Lanes = 16
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
  logic [5:0]  round_even, round_odd, shift_even, shift_odd;
  logic [31:0] max;
  assign round_even = s_even_i + ((code_i && !product_eight_q) ? 6'd3 : 6'd0);
  assign round_odd  = s_odd_i + ((code_i && !product_eight_q) ? 6'd3 : 6'd0);
  assign sum_four   = code_i && !sum_eight_q;
  assign shift_even = s_even_i + (sum_four ? 6'd3 : 6'd0);
  assign shift_odd  = s_odd_i + (sum_four ? 6'd3 : 6'd0);
  assign max        = !code_i ? max_i : sum_eight_q ? 32'd127 : 32'd7;

  function automatic [31:0] saturate(input logic signed [49:0] v, input logic signed [31:0] top, input logic four);
    logic signed [31:0] bottom, kept;
    begin
      bottom   = ~top;
      kept     = (v > 50'(top)) ? top : (v < 50'(bottom)) ? bottom : v[31:0];
      saturate = four ? {kept[28:0], 3'b000} : kept;
    end
  endfunction

  for (genvar i = 0; i < Lanes; i = i + 1) begin : gen_lane
    logic signed [43:0] product_q;
    logic signed [49:0] sum_q;
    if (i % 2 == 0) begin : gen_even
      always_ff @(posedge clk_i) begin
        if (valid_i) product_q <= 44'($signed(x_i[32*i +: 27])) * 44'($signed({1'b0, m_even_i}));
        if (product_valid_q) sum_q <= 50'(product_q) + $signed((50'd1 << round_even) >> 1);
        if (sum_valid_q) y_o[32*i +: 32] <= saturate(sum_q >>> shift_even, max, sum_four);
      end
    end else begin : gen_odd
      always_ff @(posedge clk_i) begin
        if (valid_i) product_q <= 44'($signed(x_i[32*i +: 27])) * 44'($signed({1'b0, m_odd_i}));
        if (product_valid_q) sum_q <= 50'(product_q) + $signed((50'd1 << round_odd) >> 1);
        if (sum_valid_q) y_o[32*i +: 32] <= saturate(sum_q >>> shift_odd, max, sum_four);
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) begin
      assert (s_even_i <= 6'd46 && s_odd_i <= 6'd46) else $error("squat_post_requant: shift beyond 46");
      for (int unsigned i = 0; i < Lanes; i = i + 1) begin
        assert ($signed(x_i[32*i +: 32]) == 32'($signed(x_i[32*i +: 27]))) else $error("squat_post_requant: |x| >= 2^26");
      end
    end
  end
`endif
endmodule
