// SPDX-License-Identifier: Apache-2.0
// One lane of requantisation (hls/requantize.hpp): y = clamp((x*m + 2^(s-1)) >> s), rounded half up, one 27x18 multiplier.
//
// Half up is (2p >> s) + 1 >> 1 with the product p. Only the Bits + 1 bits that reach the result are shifted, by 16s first and by ones
// last; whether p fits the clamp is seen without a shift: the bits of p from s + k on (mask_i) must equal its sign.
// Latency: 3 cycles; en_i[0..2] enable the stages. What depends on the command only (mask, shift, clamp) comes from outside, once
// for all lanes.
// Parameter contract: Bits 32, or 8: then top_i[4:2] are 0. Narrow 1: 8-bit codes are -127..127.
module squat_requant_lane #(
  parameter int unsigned Bits = 32,
  parameter int unsigned Narrow = 0
) (
  input  logic            clk_i,
  input  logic [2:0]      en_i,
  input  logic [26:0]     x_i,      // stage 1, signed
  input  logic [16:0]     m_i,      // stage 1
  input  logic [43:0]     mask_i,   // stage 2: bit i for i >= s + k; 0: nothing is clamped
  input  logic [5:0]      shift_i,  // stage 2: s
  input  logic [4:0]      top_i,    // stage 3: k = 31, 15, 13, 7, 3, one-hot: the result is -2^k .. 2^k - 1; 0: nothing is clamped
  input  logic            four_i,   // stage 3: k = 3, and the result is shown on the 8-bit grid (times 8)
  output logic [Bits-1:0] y_o
);
  logic signed [43:0] product_q;
  logic [Bits:0]      twice_q;  // 2p >> s
  logic               negative_q, over_q;

  function automatic logic [Bits:0] shifted(input logic signed [43:0] product, input logic [5:0] shift);
    logic [Bits+15:0] by_four;
    logic [Bits+3:0]  by_one;
    by_four = (Bits + 16)'((64'(product) <<< 1) >>> {shift[5:4], 4'd0});
    by_one  = (Bits + 4)'(by_four >> {shift[3:2], 2'd0});
    shifted = (Bits + 1)'(by_one >> shift[1:0]);
  endfunction

  function automatic logic [Bits-1:0] clamped(input logic [Bits:0] twice, input logic over, input logic negative, input logic [4:0] top,
                                              input logic four);
    logic [Bits-1:0] rounded, limit;
    logic            outside;
    rounded    = twice[Bits:1] + Bits'(twice[0]);
    outside    = over || (!negative && ((top[1] && rounded[7]) || (top[0] && rounded[3])));
    for (int unsigned i = 7; i < Bits; i++) limit[i] = negative ^ (i < 13 ? |top[4:2] : i < 15 ? |top[4:3] : i < 31 && top[4]);
    limit[6]   = negative ^ (|top[4:1]);
    limit[5:3] = {3{!negative}};
    limit[2:0] = {3{!negative && !four}};
    if (Bits > 8) begin
      outside = outside || (!negative && ((top[4] && rounded[Bits-1]) || (top[3] && rounded[Bits/2-1]) || (top[2] && rounded[Bits/2-3])));
    end
    // The lowest narrow code, of what is clamped and of what is not.
    if (Narrow != 0 && top[1]) begin
      limit[0]   = 1'b1;
      rounded[0] = rounded[0] || (rounded[7] && rounded[6:1] == 6'd0);
    end
    if (four) rounded[5:0] = {rounded[2:0], 3'd0};
    clamped = outside ? limit : rounded;
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i[0]) product_q <= 44'($signed(x_i)) * 44'($signed({1'b0, m_i}));
    if (en_i[1]) begin
      twice_q    <= shifted(product_q, shift_i);
      negative_q <= product_q[43];
      over_q     <= ((product_q ^ {44{product_q[43]}}) & mask_i) != '0;
    end
    if (en_i[2]) y_o <= clamped(twice_q, over_q, negative_q, top_i, four_i);
  end
endmodule
