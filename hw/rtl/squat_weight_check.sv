// SPDX-License-Identifier: Apache-2.0
// What the beats of one read port of the weight loader say about the memory: a CRC for every job, a sum for the cache.
//
// Beside every beat stands what its burst belongs to, stable over the burst (entry_*): last of its range, last of its job, the job's CRC if it
// is checked, and what of it joins the sum: summed 1 keys, 2 values, unit the burst's first word counted from the start of its tile, positions
// those of the sequence (keys: from the tile's first on).
// bad_crc_o, one cycle after the last beat of a checked job: the exclusive or over its ranges of their CRC-32 is not the job's.
// sum_o: the sum (squat_fold_pkg), rotated by 4*turn, of the words of all summed bursts since the reset, without the bytes of later positions.
// Latency: 1 cycle. A beat may come in every cycle.
module squat_weight_check #(
  parameter int unsigned BeatWords = 1
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         valid_i,
  input  logic         last_i,  // of its burst
  input  logic [BeatWords*128-1:0] data_i,
  input  logic         entry_range_last_i,
  input  logic         entry_job_last_i,
  input  logic         entry_checked_i,
  input  logic [31:0]  entry_crc_i,
  input  logic [1:0]   entry_summed_i,
  input  logic [2:0]   entry_turn_i,
  input  logic [15:0]  entry_unit_i,
  input  logic [15:0]  entry_positions_i,
  output logic         bad_crc_o,
  output logic [31:0]  sum_o
);
  // Parameter contract
  // BeatWords, 16-byte words of a beat, is 1 or 4; it divides the words of every range.
  // ---- CRC of every range, summed up over the job without regard to their order
  logic        range_first_q, range_end_q, job_end_q, checked_q;
  logic [31:0] crc, total, total_q, wanted_q;

  squat_crc32 #(
    .Words(BeatWords)
  ) u_crc (
    .clk_i,
    .valid_i,
    .first_i(range_first_q),
    .data_i,
    .crc_o(crc)
  );
  assign total     = total_q ^ crc;
  assign bad_crc_o = job_end_q && checked_q && total != wanted_q;

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      range_first_q <= last_i && entry_range_last_i;
      checked_q     <= entry_checked_i;
      wanted_q      <= entry_crc_i;
    end
    range_end_q <= rst_ni && valid_i && last_i && entry_range_last_i;
    job_end_q   <= rst_ni && valid_i && last_i && entry_job_last_i;
    if (range_end_q) total_q <= job_end_q ? '0 : total;
    if (!rst_ni) begin
      range_first_q <= 1'b1;
      total_q       <= '0;
    end
  end

  // ---- sum of the cache: a word of keys holds 16 positions of one dimension, two words of values one position
  function automatic logic [31:0] beat_sum(input logic [BeatWords*128-1:0] data, input logic [15:0] first, input logic keys,
                                           input logic [15:0] positions, input logic [2:0] turn);
    logic [15:0] unit, bytes;
    logic [4:0]  count;
    beat_sum = '0;
    for (int w = 0; w < BeatWords; w++) begin
      unit     = first + 16'(w);
      count    = positions > 16'(unit[0] ? 31 : 15)  ? 5'd16
                 : positions > 16'(unit[0] ? 16 : 0) ? {1'b0, positions[3:0]}
                                                     : 5'd0;
      bytes    = keys ? ~(16'hffff << count) : unit[15:1] < positions[14:0] ? '1 : '0;
      beat_sum = beat_sum ^ squat_fold_pkg::fold(squat_fold_pkg::kept(data[128*w +: 128], bytes), unit[2:0] + turn);
    end
  endfunction

  logic [15:0] unit;
  logic [5:0]  beat_q;  // in its burst
  logic [31:0] sum_q;

  assign unit  = entry_unit_i + 16'(beat_q) * 16'(BeatWords);
  assign sum_o = sum_q;

  always_ff @(posedge clk_i) begin
    if (valid_i) beat_q <= last_i ? '0 : beat_q + 6'd1;
    if (valid_i && entry_summed_i != '0) begin
      sum_q <= sum_q ^ beat_sum(data_i, unit, entry_summed_i[0], entry_positions_i, entry_turn_i);
    end
    if (!rst_ni) begin
      beat_q <= '0;
      sum_q  <= '0;
    end
  end
endmodule
