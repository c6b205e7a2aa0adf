// SPDX-License-Identifier: Apache-2.0
// Commands of one unit: queue, wait comparison, and the indices of the commands the unit has accepted but not completed.
// Latency: 1 cycle from push to cmd_valid_o when the waits hold. cmd_valid_o never falls before cmd_ready_i: the waits are monotone.
// At most Running commands are inside the unit at a time.
module squat_cmd_queue #(
  parameter int unsigned Depth = 8,
  parameter int unsigned Running = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         stop_i,  // nothing further is issued
  input  logic         push_valid_i,
  input  logic [511:0] push_cmd_i,
  input  logic [15:0]  push_index_i,
  output logic         push_ready_o,
  input  logic         record_ready_i,  // there is room for its profile record; falls only with an issue
  input  logic [63:0]  counts_i,  // commands completed by load, gemm, vec, io
  output logic         cmd_valid_o,
  output logic [511:0] cmd_o,
  output logic [15:0]  cmd_index_o,
  input  logic         cmd_ready_i,
  input  logic         done_i,
  output logic         run_valid_o,  // a command is inside the unit ...
  output logic [15:0]  run_index_o,  // ... the oldest of them has this index
  output logic         empty_o       // nothing queued, nothing inside
);
  // Parameter contract
  // Depth and Running are powers of two (squat_sync_fifo).
  if (Depth < 2 || Running < 2) begin : g_bad_parameters
    $error("squat_cmd_queue: Depth and Running must be at least 2");
  end

  logic                     head_valid, issue, waits_ok, running_ready;
  logic [15:0]              head_index;
  logic [$clog2(Depth):0]   queued;
  logic [$clog2(Running):0] running;
  logic [3:0]               met;
  logic [63:0]              slack;

  assign slack = {counts_i[63:48] - cmd_o[squat_spec_pkg::CmdWaitIoLsb +: squat_spec_pkg::CmdWaitIoW],
                  counts_i[47:32] - cmd_o[squat_spec_pkg::CmdWaitVecLsb +: squat_spec_pkg::CmdWaitVecW],
                  counts_i[31:16] - cmd_o[squat_spec_pkg::CmdWaitGemmLsb +: squat_spec_pkg::CmdWaitGemmW],
                  counts_i[15:0] - cmd_o[squat_spec_pkg::CmdWaitLoadLsb +: squat_spec_pkg::CmdWaitLoadW]};
  assign met         = ~{slack[63], slack[47], slack[31], slack[15]};
  assign waits_ok    = &met;
  assign cmd_valid_o = head_valid && waits_ok && running_ready && record_ready_i && !stop_i;
  assign issue       = cmd_valid_o && cmd_ready_i;
  assign cmd_index_o = head_index;
  assign empty_o     = queued == '0 && running == '0;

  squat_sync_fifo #(
    .Width(528),
    .Depth(Depth)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .wr_valid_i(push_valid_i),
    .wr_data_i ({push_index_i, push_cmd_i}),
    .wr_ready_o(push_ready_o),
    .rd_valid_o(head_valid),
    .rd_data_o ({head_index, cmd_o}),
    .rd_ready_i(issue),
    .count_o   (queued)
  );

  squat_sync_fifo #(
    .Width(16),
    .Depth(Running)
  ) u_running (
    .clk_i,
    .rst_ni,
    .wr_valid_i(issue),
    .wr_data_i (head_index),
    .wr_ready_o(running_ready),
    .rd_valid_o(run_valid_o),
    .rd_data_o (run_index_o),
    .rd_ready_i(done_i),
    .count_o   (running)
  );

  logic unused_ok;
  assign unused_ok = ^slack;

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) done_i |-> run_valid_o) else $error("done without a command");
  assert property (@(posedge clk_i) disable iff (!rst_ni || stop_i) cmd_valid_o && !cmd_ready_i |=> cmd_valid_o);
`endif
endmodule
