// SPDX-License-Identifier: Apache-2.0
// Counts of a unit that runs one command at a time (vec, io).
// busy_o: cycles since the command was issued, this one included, without those in which held_i was high. Outputs are valid with done_i.
// Parameter contract: none.
module squat_profile_serial (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        on_i,
  input  logic        issue_i,
  input  logic        held_i,  // a memory refuses the unit's request, or it waits for AXI
  input  logic        read_i,
  input  logic        write_i,
  input  logic        rep_valid_i,
  input  logic [7:0]  rep_eight_i,
  input  logic [7:0]  rep_four_i,
  input  logic        done_i,
  output logic [31:0] busy_o,
  output logic [31:0] read_beats_o,
  output logic [31:0] write_beats_o,
  output logic [7:0]  eight_tokens_o,
  output logic [7:0]  four_tokens_o
);
  logic [31:0] busy_q, read_q, write_q;
  logic [7:0]  eight_q, four_q;

  assign busy_o         = busy_q + 32'(!held_i);
  assign read_beats_o   = read_q;
  assign write_beats_o  = write_q;
  assign eight_tokens_o = eight_q;
  assign four_tokens_o  = four_q;

  always_ff @(posedge clk_i) begin
    if (on_i) begin
      if (!held_i) busy_q <= busy_q + 32'd1;
      if (read_i) read_q <= read_q + 32'd1;
      if (write_i) write_q <= write_q + 32'd1;
      if (rep_valid_i) {eight_q, four_q} <= {rep_eight_i, rep_four_i};
      if (issue_i) {busy_q, read_q, write_q, eight_q, four_q} <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) on_i && done_i |-> !read_i && !write_i && !rep_valid_i && !issue_i);
`endif

  logic unused_ok;
  assign unused_ok = ^{rst_ni, done_i};
endmodule
