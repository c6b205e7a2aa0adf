// SPDX-License-Identifier: Apache-2.0
// The 16 lanes of RMSNorm and LayerNorm, two independent pipelines around the buffer of shifted inputs xs:
//   input side:  x -> xs = clamp(rsh(x - mean, d), +-32767) (into the buffer), xs^2, sums of 4, sum of 16: stages 1-4, result in
//     stage 5;
//   output side: xs from the buffer, xs * r, u = rsh(., k - 8), u * gain, shift to 8 fraction bits, + beta, rounded shift and
//     clamp: stages 1-4, codes in stage 5.
// en_*_i[s] enables stage s + 1; the other inputs name the stage they belong to. The arithmetic sits in functions called under
// the enables, so that an idle unit costs a simulation nothing. rsh(v, n) for n >= 1 is ((v >> (n-1)) + 1) >> 1. Left shifts for
// k < 8 come from working on 2^8 * xs * r with rsh(., k). |u| < 2^25 because |xs| <= sqrt(sum of squares).
// Cutting to 8 fraction bits and rounding those is one rounding of the product when beta is 0, so RMSNorm (mean_i 0, centred_i 0)
// takes the same path; a gain shift below 8 leaves it exact.
// Golden twin: hls::norm_input, hls::norm_code, hls::layer_norm_code.
module squat_norm_lanes #(
  // Parameter contract: Depth a power of two (words of the buffer).
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  // Input side.
  input  logic [3:0]       en_in_i,
  input  logic [511:0]     line_data_i,  // stage 1
  input  logic [31:0]      mean_i,       // stage 1: 0 for RMSNorm
  input  logic [4:0]       d_i,          // stage 1
  input  logic [AddrW-1:0] xs_wr_addr_i, // stage 2
  output logic [33:0]      sum_o,        // stage 5
  // Output side.
  input  logic             xs_rd_en_i,
  input  logic [AddrW-1:0] xs_rd_addr_i,
  input  logic [3:0]       en_out_i,
  input  logic [17:0]      r_i,          // stage 1
  input  logic [4:0]       km1_i,        // stage 2: k - 1, 0 for k = 0 (then xs = 0)
  input  logic             centred_i,    // stage 2: beta_data_i counts
  input  logic [287:0]     gain_data_i,  // stage 2
  input  logic [383:0]     beta_data_i,  // stage 2: 8 fraction bits on the 8-bit grid
  input  logic [5:0]       shift_i,      // stage 4
  input  logic             eight3_i,     // stage 3
  input  logic             eight4_i,     // stage 4
  output logic [127:0]     codes_o
);
  logic [32:0] input_mask;  // bit i for i >= d + 15
  logic [43:0] code_mask;   // bit i for i >= shift + 16
  assign input_mask = {33{1'b1}} << ({1'b0, d_i} + 6'd15);
  assign code_mask  = {44{1'b1}} << ({1'b0, shift_i} + 7'd16);

  logic [31:0] four [4];
  for (genvar q = 0; q < 4; q++) begin : gen_four
    logic [29:0] square [4];
    logic [31:0] sum_q;
    for (genvar l = 0; l < 4; l++) begin : gen_lane
      localparam int unsigned Lane = 4 * q + l;
      squat_norm_lane #(.Depth(Depth)) u_lane (
        .clk_i, .en_in_i(en_in_i[1:0]), .x_i(line_data_i[32*Lane +: 32]), .mean_i, .d_i, .input_mask_i(input_mask), .xs_wr_addr_i,
        .square_o(square[l]), .xs_rd_en_i, .xs_rd_addr_i, .en_out_i, .r_i, .km1_i, .centred_i, .gain_i(gain_data_i[18*Lane +: 18]),
        .beta_i(beta_data_i[24*Lane +: 24]), .shift_i, .code_mask_i(code_mask), .eight3_i, .eight4_i, .code_o(codes_o[8*Lane +: 8]));
    end
    always_ff @(posedge clk_i) begin
      if (en_in_i[2]) sum_q <= (32'(square[0]) + 32'(square[1])) + (32'(square[2]) + 32'(square[3]));
    end
    assign four[q] = sum_q;
  end
  always_ff @(posedge clk_i) begin
    if (en_in_i[3]) sum_o <= (34'(four[0]) + 34'(four[1])) + (34'(four[2]) + 34'(four[3]));
  end
endmodule
