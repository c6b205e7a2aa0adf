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
  function automatic logic [15:0] shifted_input(input logic [31:0] x, input logic [31:0] mean, input logic [4:0] d);
    logic signed [33:0] twice, rounded;
    twice   = {{x[31], x} - {mean[31], mean}, 1'b0};
    rounded = twice >>> d;                    // centred >> (d - 1); twice centred for d = 0
    rounded = (rounded + 34'sd1) >>> 1;
    if (rounded > 34'sd32767)       shifted_input = 16'h7fff;
    else if (rounded < -34'sd32767) shifted_input = 16'h8001;
    else                            shifted_input = rounded[15:0];
  endfunction

  function automatic logic signed [25:0] normalised(input logic signed [33:0] product, input logic [4:0] km1);
    logic signed [41:0] half;
    half       = $signed({product, 8'd0}) >>> km1;
    normalised = 26'((half + 42'sd1) >>> 1);
  endfunction

  // scaled * 2^(8 - shift), cut, plus beta with half a unit of the result.
  function automatic logic [7:0] code(input logic signed [43:0] scaled, input logic [5:0] shift,
                                      input logic signed [24:0] beta_half, input logic eight);
    logic signed [52:0] rounded;
    rounded = $signed({scaled[43], scaled, 8'd0}) >>> shift;
    rounded = rounded + 53'(beta_half);
    rounded = eight ? rounded >>> 8 : rounded >>> 11;
    if (eight) begin
      if (rounded > 53'sd127)       code = 8'h7f;
      else if (rounded < -53'sd128) code = 8'h80;
      else                          code = rounded[7:0];
    end else begin
      if (rounded > 53'sd7)         code = 8'h38;
      else if (rounded < -53'sd8)   code = 8'hc0;
      else                          code = {rounded[4:0], 3'd0};
    end
  endfunction

  logic [31:0] four [4];
  for (genvar q = 0; q < 4; q++) begin : gen_four
    logic [29:0] square [4];
    logic [31:0] sum_q;
    for (genvar l = 0; l < 4; l++) begin : gen_lane
      localparam int unsigned Lane = 4 * q + l;
      logic signed [15:0] xs_q;
      logic [29:0]        square_q;
      logic [15:0]        xs_line;
      logic signed [33:0] product_q;
      logic signed [25:0] unit_q;
      logic signed [17:0] gain_q;
      logic signed [23:0] beta_q;
      logic signed [24:0] beta_half_q;
      logic signed [43:0] scaled_q;

      squat_line_buffer #(.Width(16), .Depth(Depth)) u_xs (
        .clk_i, .wr_en_i(en_in_i[1]), .wr_addr_i(xs_wr_addr_i), .wr_data_i(xs_q), .rd_en_i(xs_rd_en_i),
        .rd_addr_i(xs_rd_addr_i), .rd_data_o(xs_line));

      always_ff @(posedge clk_i) begin
        if (en_in_i[0]) xs_q     <= shifted_input(line_data_i[32*Lane +: 32], mean_i, d_i);
        if (en_in_i[1]) square_q <= 30'(32'(xs_q) * 32'(xs_q));
        if (en_out_i[0]) product_q <= 34'($signed(xs_line)) * $signed({16'd0, r_i});
        if (en_out_i[1]) begin
          unit_q <= normalised(product_q, km1_i);
          gain_q <= gain_data_i[18*Lane +: 18];
          beta_q <= centred_i ? beta_data_i[24*Lane +: 24] : 24'd0;
        end
        if (en_out_i[2]) begin
          scaled_q    <= 44'(unit_q) * 44'(gain_q);
          beta_half_q <= 25'(beta_q) + (eight3_i ? 25'sd128 : 25'sd1024);
        end
        if (en_out_i[3]) codes_o[8*Lane +: 8] <= code(scaled_q, shift_i, beta_half_q, eight4_i);
      end
      assign square[l] = square_q;
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
