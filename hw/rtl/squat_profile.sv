// SPDX-License-Identifier: Apache-2.0
// One record per completed command (hw/spec/profile.json), in the order in which they are handed on: counts of the four units, queues behind
// them, and a choice among the queues. With on_i low nothing is counted and nothing is held back.
// ready_o[u]: unit u may be given another command; low only while Depth records of it wait to be written, which never waits for a command.
// Latency: 2 cycles from done_i to rec_valid_o. The record is stable until rec_ready_i.
module squat_profile #(
  parameter int unsigned Depth = 8,
  parameter int unsigned BeatWords = 1
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         on_i,
  input  logic [31:0]  cycle_i,
  // commands of load, gemm, vec, io
  input  logic [3:0]   issue_i,
  input  logic [31:0]  opcode_i,
  input  logic [63:0]  index_i,
  input  logic [3:0]   done_i,
  output logic [3:0]   ready_o,
  // load
  input  logic [3:0]   load_beat_i,
  input  logic [3:0]   load_last_i,
  // gemm
  input  logic         mac_step_i,
  input  logic         weight_stall_i,
  input  logic         drain_stall_i,
  input  logic         gemm_last_i,
  input  logic         logits_i,
  // vec
  input  logic         vec_held_i,
  input  logic         rep_valid_i,
  input  logic [7:0]   rep_eight_i,
  input  logic [7:0]   rep_four_i,
  // io
  input  logic         io_held_i,
  input  logic         io_read_i,
  input  logic         io_write_i,
  // records
  output logic         rec_valid_o,
  output logic [511:0] rec_o,
  input  logic         rec_ready_i,
  output logic         idle_o
);
  // Parameter contract
  // Depth: that of squat_profile_queue. BeatWords: that of squat_profile_load.
  localparam int unsigned Load = 0, Gemm = 1, Vec = 2, Io = 3;

  logic [127:0] busy, weight_stall, drain_stall, read_beats, write_beats, first, last;
  logic [31:0]  eight, four;

  squat_profile_load #(
    .BeatWords(BeatWords)
  ) u_load (
    .clk_i, .rst_ni, .on_i, .cycle_i, .beat_i(load_beat_i), .last_i(load_last_i), .done_i(done_i[Load] && on_i), .busy_o(busy[32*Load +: 32]),
    .read_beats_o(read_beats[32*Load +: 32]), .first_o(first[32*Load +: 32]), .last_o(last[32*Load +: 32])
  );
  assign {weight_stall[32*Load +: 32], drain_stall[32*Load +: 32], write_beats[32*Load +: 32], eight[8*Load +: 8], four[8*Load +: 8]} = '0;

  squat_profile_gemm u_gemm (
    .clk_i, .rst_ni, .on_i, .cycle_i, .mac_step_i, .weight_stall_i, .drain_stall_i, .last_i(gemm_last_i), .logits_i,
    .done_i(done_i[Gemm] && on_i), .busy_o(busy[32*Gemm +: 32]), .weight_stall_o(weight_stall[32*Gemm +: 32]),
    .drain_stall_o(drain_stall[32*Gemm +: 32]), .write_beats_o(write_beats[32*Gemm +: 32]), .first_o(first[32*Gemm +: 32]),
    .last_o(last[32*Gemm +: 32])
  );
  assign {read_beats[32*Gemm +: 32], eight[8*Gemm +: 8], four[8*Gemm +: 8]} = '0;

  squat_profile_serial u_vec (
    .clk_i, .rst_ni, .on_i, .issue_i(issue_i[Vec]), .held_i(vec_held_i), .read_i(1'b0), .write_i(1'b0), .rep_valid_i, .rep_eight_i, .rep_four_i,
    .done_i(done_i[Vec]), .busy_o(busy[32*Vec +: 32]), .read_beats_o(read_beats[32*Vec +: 32]), .write_beats_o(write_beats[32*Vec +: 32]),
    .eight_tokens_o(eight[8*Vec +: 8]), .four_tokens_o(four[8*Vec +: 8])
  );
  assign {weight_stall[32*Vec +: 32], drain_stall[32*Vec +: 32], first[32*Vec +: 32], last[32*Vec +: 32]} = '0;

  squat_profile_serial u_io (
    .clk_i, .rst_ni, .on_i, .issue_i(issue_i[Io]), .held_i(io_held_i), .read_i(io_read_i), .write_i(io_write_i), .rep_valid_i(1'b0),
    .rep_eight_i('0), .rep_four_i('0), .done_i(done_i[Io]), .busy_o(busy[32*Io +: 32]), .read_beats_o(read_beats[32*Io +: 32]),
    .write_beats_o(write_beats[32*Io +: 32]), .eight_tokens_o(eight[8*Io +: 8]), .four_tokens_o(four[8*Io +: 8])
  );
  assign {weight_stall[32*Io +: 32], drain_stall[32*Io +: 32], first[32*Io +: 32], last[32*Io +: 32]} = '0;

  // ---- queues, and which of them hands its oldest record on
  logic [3:0]    waiting, take;
  logic [1311:0] rec;
  logic [327:0]  rec_q;
  logic          picked_q;
  logic [1:0]    pick, unit_q;

  for (genvar u = 0; u < 4; u++) begin : g_unit
    squat_profile_queue #(
      .Depth(Depth)
    ) u_queue (
      .clk_i,
      .rst_ni,
      .cycle_i,
      .issue_i       (issue_i[u] && on_i),
      .index_i       (index_i[16*u +: 16]),
      .opcode_i      (opcode_i[8*u +: 8]),
      .ready_o       (ready_o[u]),
      .done_i        (done_i[u] && on_i),
      .busy_i        (busy[32*u +: 32]),
      .weight_stall_i(weight_stall[32*u +: 32]),
      .drain_stall_i (drain_stall[32*u +: 32]),
      .read_beats_i  (read_beats[32*u +: 32]),
      .write_beats_i (write_beats[32*u +: 32]),
      .eight_tokens_i(eight[8*u +: 8]),
      .four_tokens_i (four[8*u +: 8]),
      .first_i       (first[32*u +: 32]),
      .last_i        (last[32*u +: 32]),
      .rec_valid_o   (waiting[u]),
      .rec_o         (rec[328*u +: 328]),
      .rec_ready_i   (take[u])
    );
    assign take[u] = waiting[u] && !picked_q && pick == 2'(u);
  end

  always_comb begin
    pick = '0;
    for (int u = 3; u >= 0; u--) begin
      if (waiting[u]) pick = 2'(u);
    end
  end

  always_ff @(posedge clk_i) begin
    if (|take) begin
      picked_q <= 1'b1;
      unit_q   <= pick;
      rec_q    <= pick[1] ? (pick[0] ? rec[1311:984] : rec[983:656]) : (pick[0] ? rec[655:328] : rec[327:0]);
    end else if (rec_ready_i) begin
      picked_q <= 1'b0;
    end
    if (!rst_ni) picked_q <= 1'b0;
  end

  always_comb begin
    rec_o = '0;
    {rec_o[squat_spec_pkg::ProfileOpcodeLsb +: 8], rec_o[squat_spec_pkg::ProfileIndexLsb +: 16],
     rec_o[squat_spec_pkg::ProfileStartLsb +: 32], rec_o[squat_spec_pkg::ProfileEndLsb +: 32],
     rec_o[squat_spec_pkg::ProfileBusyLsb +: 32], rec_o[squat_spec_pkg::ProfileWeightStallLsb +: 32],
     rec_o[squat_spec_pkg::ProfileDrainStallLsb +: 32], rec_o[squat_spec_pkg::ProfileReadBeatsLsb +: 32],
     rec_o[squat_spec_pkg::ProfileWriteBeatsLsb +: 32], rec_o[squat_spec_pkg::ProfileEightTokensLsb +: 8],
     rec_o[squat_spec_pkg::ProfileFourTokensLsb +: 8], rec_o[squat_spec_pkg::ProfileFirstLsb +: 32],
     rec_o[squat_spec_pkg::ProfileLastLsb +: 32]} = rec_q;
    rec_o[squat_spec_pkg::ProfileUnitLsb +: 2] = unit_q;
  end
  assign rec_valid_o = picked_q;
  assign idle_o      = waiting == '0 && !picked_q;
endmodule
