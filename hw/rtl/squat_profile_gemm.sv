// SPDX-License-Identifier: Apache-2.0
// Counts of gemm commands. The array already works for the next commands while post still finishes one: what is counted at the sequencer is
// kept until the command is done, what leaves post is counted there.
// Outputs are those of the oldest command, valid with its done_i. Latency: 1 cycle from last_i.
module squat_profile_gemm #(
  parameter int unsigned Running = 4  // commands inside the unit
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        on_i,
  input  logic [31:0] cycle_i,
  input  logic        mac_step_i,
  input  logic        weight_stall_i,
  input  logic        drain_stall_i,
  input  logic        last_i,    // the step is the command's last
  input  logic        logits_i,  // 64 bytes of logits leave post
  input  logic        done_i,
  output logic [31:0] busy_o,
  output logic [31:0] weight_stall_o,
  output logic [31:0] drain_stall_o,
  output logic [31:0] write_beats_o,
  output logic [31:0] first_o,
  output logic [31:0] last_o
);
  // Parameter contract
  // Running is a power of two, at least 2.
  logic [31:0]              busy_q, weight_q, drain_q, first_q;
  logic [29:0]              logits_q;
  logic                     room, kept, unused_ok;
  logic [$clog2(Running):0] held;

  always_ff @(posedge clk_i) begin
    if (on_i) begin
      if (mac_step_i) busy_q <= busy_q + 32'd1;
      if (mac_step_i && busy_q == '0) first_q <= cycle_i;
      if (weight_stall_i) weight_q <= weight_q + 32'd1;
      if (drain_stall_i) drain_q <= drain_q + 32'd1;
      if (logits_i) logits_q <= logits_q + 30'd1;
      if (last_i) {busy_q, weight_q, drain_q} <= '0;
      if (done_i) logits_q <= '0;
    end
    if (!rst_ni) {busy_q, weight_q, drain_q, logits_q} <= '0;
  end

  // A pass has at least 8 steps: first_q belongs to the same command as its last step.
  squat_sync_fifo #(
    .Width(160),
    .Depth(Running)
  ) u_kept (
    .clk_i,
    .rst_ni,
    .wr_valid_i(on_i && last_i),
    .wr_data_i ({busy_q + 32'd1, weight_q, drain_q, first_q, cycle_i}),
    .wr_ready_o(room),
    .rd_valid_o(kept),
    .rd_data_o ({busy_o, weight_stall_o, drain_stall_o, first_o, last_o}),
    .rd_ready_i(done_i),
    .count_o   (held)
  );

  assign write_beats_o = {logits_q, 2'b00};
  assign unused_ok     = ^{room, kept, held};

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) on_i && done_i |-> kept && !logits_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni) on_i && last_i |-> room && mac_step_i && busy_q != '0);
`endif
endmodule
