// SPDX-License-Identifier: Apache-2.0
// RoPE buffer: 1024 words of 8 pairs {sin, cos} (16 bit each, cos low). Written one pair at a time by squat_vec, read a word at
// a time by squat_post. Read latency 2 cycles, one read per cycle, no back-pressure.
module squat_rope_buffer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         wr_valid_i,
  input  logic [9:0]   wr_addr_i,
  input  logic [2:0]   wr_lane_i,
  input  logic [31:0]  wr_data_i,
  input  logic         rope_en_i,
  input  logic [9:0]   rope_addr_i,
  output logic [255:0] rope_data_o
);
  logic [255:0] line;
  logic         en_q;
  for (genvar l = 0; l < 8; l++) begin : gen_lane
    squat_line_buffer #(.Width(32), .Depth(1024)) u_pairs (
      .clk_i, .wr_en_i(wr_valid_i && wr_lane_i == 3'(l)), .wr_addr_i, .wr_data_i, .rd_en_i(rope_en_i), .rd_addr_i(rope_addr_i),
      .rd_data_o(line[32*l +: 32]));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) en_q <= 1'b0;
    else         en_q <= rope_en_i;
    if (en_q) rope_data_o <= line;
  end
endmodule
