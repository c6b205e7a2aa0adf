// SPDX-License-Identifier: Apache-2.0
// Turns a range of a buffer {offset in units of 16 bytes, beats} into a byte address after checking it against the buffer's size.
// Latency: 1 cycle. Handshake: valid/ready on both sides. A range outside the buffer is taken but not passed on: err_valid_o pulses.
module squat_io_range (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [63:0] base_i,
  input  logic [31:0] units_i,
  input  logic        valid_i,
  input  logic [39:0] offset_i,
  input  logic [15:0] beats_i,
  output logic        ready_o,
  output logic        valid_o,
  output logic [63:0] addr_o,
  output logic [15:0] beats_o,
  input  logic        ready_i,
  output logic        err_valid_o
);
  // Parameter contract
  // None.
  logic        valid_q, take, outside;
  logic [63:0] addr_q;
  logic [15:0] beats_q;

  assign ready_o     = !valid_q || ready_i;
  assign take        = valid_i && ready_o;
  assign outside     = {1'b0, offset_i} + 41'(beats_i) > 41'(units_i);
  assign err_valid_o = take && outside;
  assign valid_o     = valid_q;
  assign addr_o      = addr_q;
  assign beats_o     = beats_q;

  always_ff @(posedge clk_i) begin
    if (ready_i) valid_q <= 1'b0;
    if (take) begin
      valid_q <= !outside;
      addr_q  <= base_i + {20'd0, offset_i, 4'd0};
      beats_q <= beats_i;
    end
    if (!rst_ni) valid_q <= 1'b0;
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_o && !ready_i |=> valid_o && $stable(addr_o) && $stable(beats_o));
`endif
endmodule
