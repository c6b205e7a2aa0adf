// SPDX-License-Identifier: Apache-2.0
// Takes accumulator rows into post-processing: 4-bit groups onto the 8-bit grid (times 8), the four bands of a banded token added up,
// starting from the bias of the channel.
//
// en_i is the accumulator read enable of this cycle; bias_data_i belongs to it, acc_data_i follows in the next. A beat is one read with first and last, or
// four reads (bands) of which the first has first_i and the last has last_i.
// Latency: 2 cycles from the read of the last band to valid_o, no stall.
// Parameter contract: none.
module squat_post_sum (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         en_i,
  input  logic         first_i,
  input  logic         last_i,
  input  logic         shift_i,
  input  logic         eight_i,
  input  logic         bias_i,        // constant while beats are inside; 0: no bias
  input  logic [431:0] bias_data_i,
  input  logic [511:0] acc_data_i,
  output logic         valid_o,
  output logic         eight_o,
  output logic [511:0] x_o
);
  logic en_q, first_q, last_q, shift_q, eight_q;
  always_ff @(posedge clk_i) begin
    en_q    <= en_i && rst_ni;
    valid_o <= en_q && last_q && rst_ni;
    first_q <= first_i;
    last_q  <= last_i;
    shift_q <= shift_i;
    eight_q <= eight_i;
    eight_o <= eight_q;
  end
  for (genvar i = 0; i < 16; i = i + 1) begin : gen_lane
    logic signed [26:0] bias_q;
    always_ff @(posedge clk_i) begin
      if (en_i && bias_i) bias_q <= bias_data_i[27*i +: 27];
      if (en_q) begin
        x_o[32*i +: 32] <= (!first_q ? x_o[32*i +: 32] : bias_i ? 32'(bias_q) : 32'd0)
                           + (shift_q ? {acc_data_i[32*i +: 29], 3'b000} : acc_data_i[32*i +: 32]);
      end
    end
  end
endmodule
