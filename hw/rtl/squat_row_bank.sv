// SPDX-License-Identifier: Apache-2.0
// Storage of one bank of squat_row_ring: a circular buffer of rows of 64 bytes.
// Latency: 1 cycle; row_o keeps the row that was read last. Writes are accepted in every cycle; reader and writer are at different rows.
module squat_row_bank #(
  parameter int unsigned Depth = 2048,
  parameter int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [511:0]     wr_data_i,
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [511:0]     row_o
);
  // Parameter contract
  // Depth is a power of two; AddrW is its logarithm.
  logic [511:0] rows_q [Depth];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) rows_q[wr_addr_i] <= wr_data_i;
    if (rd_en_i) row_o <= rows_q[rd_addr_i];
  end
endmodule
