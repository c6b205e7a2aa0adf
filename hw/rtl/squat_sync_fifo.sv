// SPDX-License-Identifier: Apache-2.0
// Small first-word-fall-through FIFO in distributed RAM.
// Latency: 1 cycle from write to rd_valid_o. Handshake: valid/ready on both sides; wr_ready_o depends on the fill level only.
module squat_sync_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 wr_valid_i,
  input  logic [Width-1:0]     wr_data_i,
  output logic                 wr_ready_o,
  output logic                 rd_valid_o,
  output logic [Width-1:0]     rd_data_o,
  input  logic                 rd_ready_i,
  output logic [$clog2(Depth):0] count_o
);
  // Parameter contract
  // Depth is a power of two, at least 2.
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("squat_sync_fifo: Depth must be a power of two >= 2");
  end

  localparam int unsigned AddrW = $clog2(Depth);

  logic [Width-1:0] mem_q [Depth];
  logic [AddrW-1:0] wr_ptr_q, rd_ptr_q;
  logic [AddrW:0]   count_q;
  logic             push, pop;

  assign wr_ready_o = count_q != (AddrW + 1)'(Depth);
  assign rd_valid_o = count_q != '0;
  assign rd_data_o  = mem_q[rd_ptr_q];
  assign count_o    = count_q;
  assign push       = wr_valid_i && wr_ready_o;
  assign pop        = rd_valid_o && rd_ready_i;

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_ptr_q] <= wr_data_i;
    if (push) wr_ptr_q <= wr_ptr_q + 1'b1;
    if (pop) rd_ptr_q <= rd_ptr_q + 1'b1;
    if (push && !pop) count_q <= count_q + 1'b1;
    if (pop && !push) count_q <= count_q - 1'b1;
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) count_q <= (AddrW + 1)'(Depth));
`endif
endmodule
