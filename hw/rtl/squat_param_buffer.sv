// SPDX-License-Identifier: Apache-2.0
// Norm gains (2 halves x 64 words x 16 x 18 bit), LayerNorm offsets (as many, 24 bit) and RoPE steps (4 words x 16 x 32 bit).
// Written by squat_io in words of 16 x int32 (buffers gain, beta, rope of load_params), read by squat_vec; gain and offset share
// the address. Read latency 2 cycles, one read per port and cycle, no back-pressure.
module squat_param_buffer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         par_wr_valid_i,
  input  logic [1:0]   par_wr_buffer_i,
  input  logic [9:0]   par_wr_word_i,
  input  logic [511:0] par_wr_data_i,
  input  logic         gain_en_i,
  input  logic         beta_en_i,
  input  logic [6:0]   gain_addr_i,
  output logic [287:0] gain_data_o,
  output logic [383:0] beta_data_o,
  input  logic         step_en_i,
  input  logic [1:0]   step_addr_i,
  output logic [511:0] step_data_o
);
  logic [287:0] gain_in, gain_line;
  logic [383:0] beta_in, beta_line;
  logic [511:0] step_line;
  logic         gain_en_q, beta_en_q, step_en_q;
  for (genvar i = 0; i < 16; i++) begin : gen_lane
    assign gain_in[18*i +: 18] = par_wr_data_i[32*i +: 18];
    assign beta_in[24*i +: 24] = par_wr_data_i[32*i +: 24];
  end

  squat_line_buffer #(.Width(288), .Depth(128)) u_gain (
    .clk_i, .wr_en_i(par_wr_valid_i && par_wr_buffer_i == squat_spec_pkg::BufferGain), .wr_addr_i(par_wr_word_i[6:0]),
    .wr_data_i(gain_in), .rd_en_i(gain_en_i), .rd_addr_i(gain_addr_i), .rd_data_o(gain_line));
  squat_line_buffer #(.Width(384), .Depth(128)) u_beta (
    .clk_i, .wr_en_i(par_wr_valid_i && par_wr_buffer_i == squat_spec_pkg::BufferBeta), .wr_addr_i(par_wr_word_i[6:0]),
    .wr_data_i(beta_in), .rd_en_i(beta_en_i), .rd_addr_i(gain_addr_i), .rd_data_o(beta_line));
  squat_line_buffer #(.Width(512), .Depth(4)) u_step (
    .clk_i, .wr_en_i(par_wr_valid_i && par_wr_buffer_i == squat_spec_pkg::BufferRope), .wr_addr_i(par_wr_word_i[1:0]),
    .wr_data_i(par_wr_data_i), .rd_en_i(step_en_i), .rd_addr_i(step_addr_i), .rd_data_o(step_line));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      gain_en_q <= 1'b0;
      beta_en_q <= 1'b0;
      step_en_q <= 1'b0;
    end else begin
      gain_en_q <= gain_en_i;
      beta_en_q <= beta_en_i;
      step_en_q <= step_en_i;
    end
    if (gain_en_q) gain_data_o <= gain_line;
    if (beta_en_q) beta_data_o <= beta_line;
    if (step_en_q) step_data_o <= step_line;
  end

  // squat_io keeps words inside their buffer.
  logic unused_high;
  assign unused_high = ^par_wr_word_i[9:7];
endmodule
