// SPDX-License-Identifier: Apache-2.0
// Simple dual-port memory between two pipeline stages: one write and one read per cycle. Read latency 1 cycle; the data hold
// until the next read. A read of the word being written returns the old value.
module squat_line_buffer #(
  // Parameter contract: Width >= 1, Depth a power of two.
  parameter int unsigned Width = 512,
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [Width-1:0] wr_data_i,
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [Width-1:0] rd_data_o
);
  logic [Width-1:0] mem [Depth];  // the tools choose block or distributed memory by size

  // The read comes first and mem is private to this block: the blocking write means what a non-blocking one would, without its
  // shadow copy in the simulator (waived in hw/lint/squat_line_buffer.vlt).
  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
    if (wr_en_i) mem[wr_addr_i] = wr_data_i;
  end
endmodule
