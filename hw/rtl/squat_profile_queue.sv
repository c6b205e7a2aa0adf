// SPDX-License-Identifier: Apache-2.0
// Profile records of one unit (hw/spec/profile.json): remembers what was issued, adds the counts when it is done, hands the records on in order.
// ready_o: another command may be issued; it falls only with an issue, so a command on offer never has to be taken back.
// Latency: 1 cycle from done_i to rec_valid_o. Handshake of records: valid/ready.
module squat_profile_queue #(
  parameter int unsigned Depth = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [31:0]  cycle_i,
  input  logic         issue_i,
  input  logic [15:0]  index_i,
  input  logic [7:0]   opcode_i,
  output logic         ready_o,
  input  logic         done_i,
  input  logic [31:0]  busy_i,  // counts of the command that is done, valid with done_i
  input  logic [31:0]  weight_stall_i,
  input  logic [31:0]  drain_stall_i,
  input  logic [31:0]  read_beats_i,
  input  logic [31:0]  write_beats_i,
  input  logic [7:0]   eight_tokens_i,
  input  logic [7:0]   four_tokens_i,
  input  logic [31:0]  first_i,
  input  logic [31:0]  last_i,
  output logic         rec_valid_o,
  output logic [327:0] rec_o,  // {opcode, index, start, end, busy .. last in the order above}
  input  logic         rec_ready_i
);
  // Parameter contract
  // Depth: a power of two, at least the commands a unit holds (squat_cmd_queue, Running).
  logic                   issued, done_ready, unused_ok;
  logic [$clog2(Depth):0] issued_count, done_count;

  squat_sync_fifo #(
    .Width(56),
    .Depth(Depth)
  ) u_issued (
    .clk_i,
    .rst_ni,
    .wr_valid_i(issue_i),
    .wr_data_i ({opcode_i, index_i, cycle_i}),
    .wr_ready_o(ready_o),
    .rd_valid_o(issued),
    .rd_data_o (rec_o[327:272]),
    .rd_ready_i(rec_valid_o && rec_ready_i),
    .count_o   (issued_count)
  );

  squat_sync_fifo #(
    .Width(272),
    .Depth(Depth)
  ) u_done (
    .clk_i,
    .rst_ni,
    .wr_valid_i(done_i),
    .wr_data_i ({cycle_i, busy_i, weight_stall_i, drain_stall_i, read_beats_i, write_beats_i, eight_tokens_i, four_tokens_i, first_i, last_i}),
    .wr_ready_o(done_ready),
    .rd_valid_o(rec_valid_o),
    .rd_data_o (rec_o[271:0]),
    .rd_ready_i(rec_ready_i),
    .count_o   (done_count)
  );

  assign unused_ok = ^{issued, done_ready, issued_count, done_count};

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) issue_i |-> ready_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) done_i |-> done_ready && issued);
`endif
endmodule
