// SPDX-License-Identifier: Apache-2.0
// One lane of RMSNorm, in two independent pipelines that share nothing but the file:
//   input side:  x -> xs = clamp(rsh(x, d), +-32767), 1 cycle, then xs^2 one cycle later;
//   output side: xs * r, u = rsh(., k - 8), u * gain, rounded shift, clamp: 4 cycles from xs to the code; r and k belong to the
//     cycle of xs (k one later), gain to cycle 2, shift and width to cycle 3.
// en_*_i[s] enables stage s. rsh(v, n) for n >= 1 is ((v >> (n-1)) + 1) >> 1. Shifts left for k < 8 come from working on
// 2^8 * xs * r with rsh(., k). |u| < 2^25 because |xs| <= sqrt(sum of squares).
// Golden twin: hls::norm_input, hls::norm_code.
module squat_norm_lane (
  input  logic        clk_i,
  // Input side.
  input  logic [1:0]  en_in_i,
  input  logic [31:0] x_i,
  input  logic [4:0]  d_i,
  output logic [15:0] xs_o,
  output logic [29:0] square_o,
  // Output side.
  input  logic [3:0]  en_out_i,
  input  logic [15:0] xs_i,
  input  logic [17:0] r_i,
  input  logic [4:0]  km1_i,     // k - 1, 0 for k = 0 (then xs = 0)
  input  logic [17:0] gain_i,
  input  logic [6:0]  shiftm1_i, // gain shift - 1, 3 more for 4-bit tokens
  input  logic        eight_i,
  output logic [7:0]  code_o
);
  // Input side.
  logic signed [32:0] x_twice, half, rounded;
  logic signed [15:0] xs_q;
  assign x_twice = {x_i, 1'b0};
  assign half    = x_twice >>> d_i;            // x >> (d - 1), exact for d = 0
  assign rounded = (half + 33'sd1) >>> 1;      // d = 0: (2x + 1) >> 1 = x
  assign xs_o    = xs_q;

  always_ff @(posedge clk_i) begin
    if (en_in_i[0]) begin
      if (rounded > 33'sd32767)       xs_q <= 16'sd32767;
      else if (rounded < -33'sd32767) xs_q <= -16'sd32767;
      else                            xs_q <= rounded[15:0];
    end
    if (en_in_i[1]) square_o <= 30'(32'(xs_q) * 32'(xs_q));
  end

  // Output side.
  logic signed [33:0] product_q;
  logic signed [41:0] unit_half;
  logic signed [25:0] unit_q;
  logic signed [43:0] scaled_q, scaled_half, scaled_round;
  assign unit_half    = $signed({product_q, 8'd0}) >>> km1_i;
  assign scaled_half  = scaled_q >>> shiftm1_i;
  assign scaled_round = (scaled_half + 44'sd1) >>> 1;

  always_ff @(posedge clk_i) begin
    if (en_out_i[0]) product_q <= 34'($signed(xs_i)) * $signed({16'd0, r_i});
    if (en_out_i[1]) unit_q    <= 26'((unit_half + 42'sd1) >>> 1);
    if (en_out_i[2]) scaled_q  <= 44'(unit_q) * 44'($signed(gain_i));
    if (en_out_i[3]) begin
      if (eight_i) begin
        if (scaled_round > 44'sd127)       code_o <= 8'd127;
        else if (scaled_round < -44'sd128) code_o <= 8'h80;
        else                               code_o <= scaled_round[7:0];
      end else begin
        if (scaled_round > 44'sd7)         code_o <= 8'd56;
        else if (scaled_round < -44'sd8)   code_o <= 8'hc0;
        else                               code_o <= {scaled_round[4:0], 3'd0};
      end
    end
  end
endmodule
