// SPDX-License-Identifier: Apache-2.0
// Norm gains (2 banks x 64 words) and RoPE steps (4 words), 16 x int32 per word. Written by squat_io (dest 0, 1: gain bank; 2:
// RoPE steps), read by squat_vec. Read latency 2 cycles, one read per port and cycle, no back-pressure.
module squat_param_buffer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         par_wr_valid_i,
  input  logic [1:0]   par_wr_dest_i,
  input  logic [5:0]   par_wr_word_i,
  input  logic [511:0] par_wr_data_i,
  input  logic         gain_en_i,
  input  logic [6:0]   gain_addr_i,
  output logic [511:0] gain_data_o,
  input  logic         step_en_i,
  input  logic [1:0]   step_addr_i,
  output logic [511:0] step_data_o
);
  logic [511:0] gain_line, step_line;
  logic         gain_en_q, step_en_q;
  squat_line_buffer #(.Width(512), .Depth(128)) u_gain (
    .clk_i, .wr_en_i(par_wr_valid_i && !par_wr_dest_i[1]), .wr_addr_i({par_wr_dest_i[0], par_wr_word_i}),
    .wr_data_i(par_wr_data_i), .rd_en_i(gain_en_i), .rd_addr_i(gain_addr_i), .rd_data_o(gain_line));
  squat_line_buffer #(.Width(512), .Depth(4)) u_step (
    .clk_i, .wr_en_i(par_wr_valid_i && par_wr_dest_i == 2'd2), .wr_addr_i(par_wr_word_i[1:0]), .wr_data_i(par_wr_data_i),
    .rd_en_i(step_en_i), .rd_addr_i(step_addr_i), .rd_data_o(step_line));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      gain_en_q <= 1'b0;
      step_en_q <= 1'b0;
    end else begin
      gain_en_q <= gain_en_i;
      step_en_q <= step_en_i;
    end
    if (gain_en_q) gain_data_o <= gain_line;
    if (step_en_q) step_data_o <= step_line;
  end
endmodule
