// SPDX-License-Identifier: Apache-2.0
// Length of the next AXI burst of a range: at most 64 beats of 16 bytes, not across a 4 KiB boundary. Combinational.
module squat_burst_cut (
  input  logic [7:0]  addr_i,  // bits 11:4 of the byte address
  input  logic [15:0] left_i,  // beats of the range still to do, at least 1
  output logic [6:0]  beats_o
);
  // Parameter contract
  // None.
  logic [8:0] to_page;

  assign to_page = 9'd256 - {1'b0, addr_i};

  always_comb begin
    beats_o = 7'd64;
    if (to_page < 9'd64) beats_o = to_page[6:0];
    if (left_i < 16'(beats_o)) beats_o = left_i[6:0];
  end

`ifdef VERILATOR
  always_comb assert (beats_o <= 7'd64 && 32'(addr_i) + 32'(beats_o) <= 32'd256);
`endif
endmodule
