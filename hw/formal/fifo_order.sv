// SPDX-License-Identifier: Apache-2.0
// squat_sync_fifo gives what it took, in order, nothing lost or doubled, and says rightly when it is full or empty: it equals a
// shift register that is written at its fill level. Any use of both sides.
module fifo_order #(
  parameter int unsigned Width = 2,
  parameter int unsigned Depth = 4
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             wr_valid_i,
  input logic [Width-1:0] wr_data_i,
  input logic             rd_ready_i
);
  localparam int unsigned CountW = $clog2(Depth) + 1;
  logic              started_q = 1'b0;
  logic              wr_ready, rd_valid;
  logic [Width-1:0]  rd_data;
  logic [CountW-1:0] count;
  squat_sync_fifo #(.Width(Width), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .wr_valid_i, .wr_data_i, .wr_ready_o(wr_ready), .rd_valid_o(rd_valid), .rd_data_o(rd_data), .rd_ready_i,
    .count_o(count));

  logic [Width*(Depth+1)-1:0] model_q;  // oldest in the lowest place
  logic [CountW-1:0]          fill_q;
  logic                       push, pop;
  assign push = wr_valid_i && fill_q != CountW'(Depth);
  assign pop  = rd_ready_i && fill_q != '0;

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (pop) model_q <= model_q >> Width;
    if (push) model_q[Width*(fill_q-CountW'(pop)) +: Width] <= wr_data_i;
    fill_q <= fill_q + CountW'(push) - CountW'(pop);
    if (!rst_ni) fill_q <= '0;
  end

  always_comb begin
    if (!started_q) assume (!rst_ni);
    if (started_q) begin
      assert (wr_ready == (fill_q != CountW'(Depth)));
      assert (rd_valid == (fill_q != '0));
      assert (count == fill_q);
      if (rd_valid) assert (rd_data == model_q[Width-1:0]);
    end
  end
endmodule
