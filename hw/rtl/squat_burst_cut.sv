// SPDX-License-Identifier: Apache-2.0
// Length of the next AXI burst of a range: at most 64 beats, not across a 4 KiB boundary. Combinational.
module squat_burst_cut #(
  parameter int unsigned BeatBytes = 16,
  parameter int unsigned AddrW = 12 - $clog2(BeatBytes)
) (
  input  logic [AddrW-1:0] addr_i,  // the byte address within its page, in beats
  input  logic [15:0]      left_i,  // beats of the range still to do, at least 1
  output logic [6:0]       beats_o
);
  // Parameter contract
  // BeatBytes is a power of two, 16..64. AddrW follows from it.
  logic [AddrW:0] to_page;

  assign to_page = (AddrW + 1)'(1 << AddrW) - {1'b0, addr_i};

  always_comb begin
    beats_o = 7'd64;
    if (to_page < (AddrW + 1)'(64)) beats_o = to_page[6:0];
    if (left_i < 16'(beats_o)) beats_o = left_i[6:0];
  end

`ifdef VERILATOR
  always_comb assert (beats_o <= 7'd64 && 32'(addr_i) + 32'(beats_o) <= 1 << AddrW);
`endif
endmodule
