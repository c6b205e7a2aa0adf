// SPDX-License-Identifier: Apache-2.0
// Storage of one weight ring bank: a circular buffer of 16-byte words, read one word or two consecutive words per cycle.
//
// Words lie alternately in two memories, so that two consecutive words of any alignment are one access to each.
// Latency: 1 cycle; low_o is the word at rd_addr_i, high_o the next one (only with rd_pair_i). Writes are accepted in every cycle.
module squat_ring_bank #(
  parameter int unsigned Depth = 2048,
  parameter int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [127:0]     wr_data_i,
  input  logic             rd_en_i,
  input  logic             rd_pair_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [127:0]     low_o,
  output logic [127:0]     high_o
);
  // Parameter contract
  // Depth is a power of two, at least 4; AddrW is its logarithm.
  if (Depth < 4 || Depth != (1 << AddrW)) begin : g_bad_parameters
    $error("squat_ring_bank: Depth must be a power of two, at least 4");
  end

  logic [127:0] even_q [Depth/2];
  logic [127:0] odd_q [Depth/2];
  logic [127:0] rd_even_q, rd_odd_q;
  logic         swap_q;
  logic [AddrW-2:0] even_addr;

  assign even_addr = rd_addr_i[AddrW-1:1] + (AddrW-1)'(rd_addr_i[0]);
  assign low_o     = swap_q ? rd_odd_q : rd_even_q;
  assign high_o    = swap_q ? rd_even_q : rd_odd_q;

  always_ff @(posedge clk_i) begin
    if (wr_en_i && !wr_addr_i[0]) even_q[wr_addr_i[AddrW-1:1]] <= wr_data_i;
    if (rd_en_i && (rd_pair_i || !rd_addr_i[0])) rd_even_q <= even_q[even_addr];
  end
  always_ff @(posedge clk_i) begin
    if (wr_en_i && wr_addr_i[0]) odd_q[wr_addr_i[AddrW-1:1]] <= wr_data_i;
    if (rd_en_i && (rd_pair_i || rd_addr_i[0])) rd_odd_q <= odd_q[rd_addr_i[AddrW-1:1]];
  end
  always_ff @(posedge clk_i) begin
    if (rd_en_i) swap_q <= rd_addr_i[0];
  end
endmodule
