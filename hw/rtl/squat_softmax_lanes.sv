// SPDX-License-Identifier: Apache-2.0
// The 16 lanes of the softmax, two pipelines around the buffer of exponentials e:
//   input side:  score -> distance to the maximum, product, shift and cap, 4 cycles of squat_exp2_lane (stages 1-7), e into the
//     buffer and sums of 4 (stage 8), sum of 16 (stage 9), result in stage 10. A lane at or beyond lanes_i gets the largest
//     distance, 31 octaves, which is e = 0;
//   output side: e from the buffer, e * r, wide probability = rsh(., n), code: stages 1-3, codes in stage 4. en_*_i[s] enables
//     stage s + 1; the other inputs name the stage they belong to. The arithmetic sits in functions called under the enables,
//     so that an idle unit costs a simulation nothing. The distance saturates at 2^26 - 1: scores of head_dim <= 128 stay below
//     2^22.
// Golden twin: hls::softmax_distance, hls::exp2_negative, hls::wide_probability, hls::probability_code.
module squat_softmax_lanes #(
  // Parameter contract: Depth a power of two (words of the buffer).
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  // Input side.
  input  logic [8:0]       en_in_i,
  input  logic [511:0]     line_data_i,  // stage 1
  input  logic [31:0]      max_i,        // stage 1
  input  logic [4:0]       lanes_i,      // stage 1
  input  logic [16:0]      m_i,
  input  logic [5:0]       s_i,
  input  logic [AddrW-1:0] e_wr_addr_i,  // stage 8
  output logic [24:0]      sum_o,        // stage 10
  // Output side.
  input  logic             e_rd_en_i,
  input  logic [AddrW-1:0] e_rd_addr_i,
  input  logic [2:0]       en_out_i,
  input  logic [17:0]      r_i,          // stage 1
  input  logic [4:0]       nm1_i,        // stage 2
  output logic [16:0]      wide0_o,      // stage 3, lane 0
  output logic [127:0]     codes_o       // stage 4
);
  logic [42:0] beyond;  // bit i for i >= s + 17
  assign beyond = {43{1'b1}} << ({1'b0, s_i} + 7'd17);

  logic [22:0] four [4];
  for (genvar q = 0; q < 4; q++) begin : gen_four
    logic [20:0] e [4];
    logic [22:0] sum_q;
    for (genvar l = 0; l < 4; l++) begin : gen_lane
      localparam int unsigned Lane = 4 * q + l;
      logic [16:0] wide;
      squat_softmax_lane #(.Depth(Depth)) u_lane (
        .clk_i, .en_in_i(en_in_i[7:0]), .live_i(5'(Lane) < lanes_i), .score_i(line_data_i[32*Lane +: 32]), .max_i, .m_i, .s_i,
        .beyond_i(beyond), .e_wr_addr_i, .e_o(e[l]), .e_rd_en_i, .e_rd_addr_i, .en_out_i, .r_i, .nm1_i, .wide_o(wide),
        .code_o(codes_o[8*Lane +: 8]));
      if (Lane == 0) begin : gen_wide0
        assign wide0_o = wide;
      end else begin : gen_narrow
        logic unused_wide;
        assign unused_wide = ^wide;
      end
    end
    always_ff @(posedge clk_i) begin
      if (en_in_i[7]) sum_q <= (23'(e[0]) + 23'(e[1])) + (23'(e[2]) + 23'(e[3]));
    end
    assign four[q] = sum_q;
  end
  always_ff @(posedge clk_i) begin
    if (en_in_i[8]) sum_o <= (25'(four[0]) + 25'(four[1])) + (25'(four[2]) + 25'(four[3]));
  end
endmodule
