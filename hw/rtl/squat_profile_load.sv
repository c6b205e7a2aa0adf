// SPDX-License-Identifier: Apache-2.0
// Counts of load commands. The ports run ahead of one another into the next commands, so each counts its own beats and keeps the sums of
// finished commands until the slowest port has finished too.
// Outputs are those of the oldest command, valid with its done_i; read_beats_o in beats of 16 bytes. Latency: 1 cycle from last_i.
module squat_profile_load #(
  parameter int unsigned Banks = 4,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned Running = 4  // commands inside the unit
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             on_i,
  input  logic [31:0]      cycle_i,
  input  logic [Banks-1:0] beat_i,  // BeatWords words go into the bank
  input  logic [Banks-1:0] last_i,  // they are the command's last of this bank
  input  logic             done_i,
  output logic [31:0]      busy_o,
  output logic [31:0]      read_beats_o,
  output logic [31:0]      first_o,
  output logic [31:0]      last_o
);
  // Parameter contract
  // Running is a power of two, at least 2. BeatWords is 1 or 4.
  logic [Banks*32-1:0]      beats;
  logic [31:0]              first_q;
  logic [63:0]              times;  // first and last cycle of bank 0
  logic [Banks-1:0]         kept, room, unused_ok;

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic [31:0]              beats_q;
    logic [$clog2(Running):0] held;

    assign unused_ok[b] = ^{held, kept[b], room[b]};

    always_ff @(posedge clk_i) begin
      if (on_i && beat_i[b]) beats_q <= last_i[b] ? '0 : beats_q + 32'd1;
      if (!rst_ni) beats_q <= '0;
    end

    if (b == 0) begin : g_first
      always_ff @(posedge clk_i) if (on_i && beat_i[b] && beats_q == '0) first_q <= cycle_i;

      squat_sync_fifo #(
        .Width(96),
        .Depth(Running)
      ) u_kept (
        .clk_i,
        .rst_ni,
        .wr_valid_i(on_i && last_i[b]),
        .wr_data_i ({beats_q + 32'd1, beats_q == '0 ? cycle_i : first_q, cycle_i}),
        .wr_ready_o(room[b]),
        .rd_valid_o(kept[b]),
        .rd_data_o ({beats[32*b +: 32], times}),
        .rd_ready_i(done_i),
        .count_o   (held)
      );
    end else begin : g_other
      squat_sync_fifo #(
        .Width(32),
        .Depth(Running)
      ) u_kept (
        .clk_i,
        .rst_ni,
        .wr_valid_i(on_i && last_i[b]),
        .wr_data_i (beats_q + 32'd1),
        .wr_ready_o(room[b]),
        .rd_valid_o(kept[b]),
        .rd_data_o (beats[32*b +: 32]),
        .rd_ready_i(done_i),
        .count_o   (held)
      );
    end
  end

  always_comb begin
    read_beats_o = '0;
    if (done_i) begin
      for (int b = 0; b < Banks; b++) read_beats_o = read_beats_o + (beats[32*b +: 32] << $clog2(BeatWords));
    end
  end
  assign busy_o            = beats[31:0];
  assign {first_o, last_o} = times;

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) on_i && done_i |-> &kept);
  assert property (@(posedge clk_i) disable iff (!rst_ni) on_i |-> (last_i & ~room) == '0 && (last_i & ~beat_i) == '0);
`endif
endmodule
