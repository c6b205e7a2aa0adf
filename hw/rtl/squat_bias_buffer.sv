// SPDX-License-Identifier: Apache-2.0
// Biases of linear layers: `Depth` words of 16 x 27 bit (|bias| < 2^26). Written by squat_io in words of 16 x int32 (buffer bias of
// load_params), read by squat_post. Read latency 1 cycle; the data hold until the next read. 432 bits are six block RAMs of 72, so 1024
// words take 12 of them.
module squat_bias_buffer #(
  // Parameter contract: Depth a power of two, at most 1024.
  parameter int unsigned Depth = 1024,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic         clk_i,
  input  logic         par_wr_valid_i,
  input  logic [1:0]   par_wr_buffer_i,
  input  logic [9:0]   par_wr_word_i,
  input  logic [511:0] par_wr_data_i,
  input  logic         bias_en_i,
  input  logic [9:0]   bias_addr_i,
  output logic [431:0] bias_data_o
);
  if (Depth > 1024) begin : g_bad_parameters
    $error("squat_bias_buffer: at most 1024 words");
  end

  logic [431:0] bias_in;
  for (genvar i = 0; i < 16; i++) begin : gen_lane
    assign bias_in[27*i +: 27] = par_wr_data_i[32*i +: 27];
  end

  squat_line_buffer #(.Width(432), .Depth(Depth)) u_bias (
    .clk_i, .wr_en_i(par_wr_valid_i && par_wr_buffer_i == squat_spec_pkg::BufferBias), .wr_addr_i(par_wr_word_i[AddrW-1:0]),
    .wr_data_i(bias_in), .rd_en_i(bias_en_i), .rd_addr_i(bias_addr_i[AddrW-1:0]), .rd_data_o(bias_data_o));

  // The values were checked by who made them: the upper bits are their sign.
  logic unused_high;
  assign unused_high = ^par_wr_data_i;
endmodule
