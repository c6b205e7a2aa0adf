// SPDX-License-Identifier: Apache-2.0
// One of the 16 lanes of squat_softmax_lanes: stages, enables and arithmetic as described there.
module squat_softmax_lane #(
  // Parameter contract: Depth a power of two (words of the buffer).
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  // Input side.
  input  logic [7:0]       en_in_i,
  input  logic             live_i,       // stage 1: the lane holds a key
  input  logic [31:0]      score_i,
  input  logic [31:0]      max_i,
  input  logic [16:0]      m_i,
  input  logic [5:0]       s_i,
  input  logic [42:0]      beyond_i,     // bit i for i >= s + 17
  input  logic [AddrW-1:0] e_wr_addr_i,
  output logic [20:0]      e_o,
  // Output side.
  input  logic             e_rd_en_i,
  input  logic [AddrW-1:0] e_rd_addr_i,
  input  logic [2:0]       en_out_i,
  input  logic [17:0]      r_i,
  input  logic [4:0]       nm1_i,
  output logic [16:0]      wide_o,
  output logic [7:0]       code_o
);
  function automatic logic [25:0] distance(input logic [31:0] largest, input logic [31:0] score);
    logic [31:0] below;  // largest >= score: the difference fits without a sign
    below    = largest - score;
    distance = below[31:26] != 6'd0 ? 26'h3ff_ffff : below[25:0];
  endfunction

  // rsh(p, s) = ((2p >> s) + 1) >> 1, also for s = 0. Only the bits that count below the cap of 31 octaves are shifted, by 16s first;
  // a product with a bit at 2^(s + 17) or above (beyond_i) is capped.
  function automatic logic [16:0] octaves(input logic [42:0] product, input logic [5:0] s, input logic [42:0] beyond);
    logic [32:0] by_four;
    logic [20:0] by_one;
    logic [17:0] scaled;
    by_four = 33'({20'd0, product, 1'b0} >> {s[5:4], 4'd0});
    by_one  = 21'(by_four >> {s[3:2], 2'd0});
    scaled  = 18'(by_one >> s[1:0]);
    scaled  = {1'b0, scaled[17:1]} + {17'd0, scaled[0]};
    octaves = (product & beyond) != '0 || scaled[17] || &scaled[16:12] ? 17'd126976 : scaled[16:0];
  endfunction

  function automatic logic [16:0] wide_probability(input logic [38:0] product, input logic [4:0] nm1);
    logic [32:0] by_four;
    logic [20:0] by_one;
    by_four          = nm1[4] ? {10'd0, product[38:16]} : product[32:0];
    by_one           = 21'(by_four >> {nm1[3:2], 2'd0});
    wide_probability = 17'((18'(by_one >> nm1[1:0]) + 18'd1) >> 1);
  endfunction

  function automatic logic [7:0] code(input logic [16:0] wide);
    logic [16:0] rounded;
    rounded = (wide + 17'd128) >> 8;
    code    = rounded > 17'd255 ? 8'd255 : rounded[7:0];
  endfunction

  logic        live1_q, live2_q;
  logic [25:0] distance_q;
  logic [42:0] product_q;
  logic [16:0] t_q;
  logic [20:0] e_line;
  logic [38:0] scaled_q;

  squat_exp2_lane u_exp2 (.clk_i, .en_i(en_in_i[6:3]), .t_i(t_q), .e_o);
  squat_line_buffer #(.Width(21), .Depth(Depth)) u_e (
    .clk_i, .wr_en_i(en_in_i[7]), .wr_addr_i(e_wr_addr_i), .wr_data_i(e_o), .rd_en_i(e_rd_en_i), .rd_addr_i(e_rd_addr_i),
    .rd_data_o(e_line));

  always_ff @(posedge clk_i) begin
    if (en_in_i[0]) begin
      live1_q    <= live_i;
      distance_q <= distance(max_i, score_i);
    end
    if (en_in_i[1]) begin
      live2_q   <= live1_q;
      product_q <= 43'(distance_q) * 43'(m_i);
    end
    if (en_in_i[2]) t_q <= live2_q ? octaves(product_q, s_i, beyond_i) : 17'd126976;
    if (en_out_i[0]) scaled_q <= 39'(e_line) * 39'(r_i);
    if (en_out_i[1]) wide_o   <= wide_probability(scaled_q, nm1_i);
    if (en_out_i[2]) code_o   <= code(wide_o);
  end
endmodule
