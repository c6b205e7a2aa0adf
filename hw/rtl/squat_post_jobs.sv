// SPDX-License-Identifier: Apache-2.0
// Turns jobs (one pass in an accumulator bank) into reads: every valid token, two halves of 16 channels of each tile, four bands when banded.
//
// Order: rows of group, then (pair) rows of group + 1; within a row the tiles' blocks of the array, half 0, half 1; within a half the bands. Rows are valid up to the
// first invalid one of a group: slots are numbered without holes. A job whose end shows only behind its last row sends a `null` read,
// which only carries `end`. The next job of a command follows without a gap; the first job of the next command waits until
// everything of the last one has been written (idle_i), so the command is constant for all stages behind, and no two commands meet
// in a read-modify-write. done_o pulses at that point.
// Latency: 1 cycle from job to beat. Handshake: valid/ready on both sides.
// Parameter contract: none.
module squat_post_jobs (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic         job_bank_i,
  input  logic [15:0]  job_tile_i,
  input  logic [1:0]   job_wide_i,    // tiles of the pass, less one
  input  logic [3:0]   job_group_i,
  input  logic         job_pair_i,
  input  logic         job_last_i,
  input  logic [511:0] job_cmd_i,
  output logic [511:0] cmd_o,

  output logic         s_table_o,
  output logic [7:0]   s_slot_o,
  input  logic [6:0]   s_token_i,
  input  logic         s_valid_i,

  output logic         beat_valid_o,
  input  logic         beat_ready_i,
  output logic         beat_null_o,
  output logic         beat_end_o,
  output logic         beat_bank_o,
  output logic [3:0]   beat_row_o,
  output logic [1:0]   beat_block_o,
  output logic         beat_half_o,
  output logic         beat_pair_o,
  output logic         beat_first_o,
  output logic         beat_last_o,
  output logic         beat_shift_o,
  output logic [6:0]   beat_token_o,
  output logic [16:0]  beat_unit_o,   // 16 channels of the matrix: 2*(tile + block) + half

  input  logic         idle_i,        // nothing behind the beat register
  output logic         done_o
);
  logic        active_q, drain_q;
  logic        bank_q, pair_job_q, last_q;
  logic [15:0] tile_q;
  logic [1:0]  wide_q;
  logic [3:0]  group_q;
  logic        pair_q;
  logic [2:0]  part_q;  // block and half
  logic [3:0]  row_q;
  logic [1:0]  band_q;

  logic       grouped, banded;
  logic [7:0] tokens;
  assign grouped = cmd_o[squat_spec_pkg::GemmGroupedLsb];
  assign banded  = cmd_o[squat_spec_pkg::GemmBandedLsb];
  assign tokens  = cmd_o[squat_spec_pkg::GemmTokensLsb +: squat_spec_pkg::GemmTokensW];

  // Where the counters stand, and what comes next.
  logic [7:0] slot;
  logic       row_valid, row_done, group_done, job_done;
  assign slot       = banded ? {4'd0, row_q} : {group_q + {3'd0, pair_q}, row_q};
  assign s_table_o  = cmd_o[squat_spec_pkg::GemmInTableLsb];
  assign s_slot_o   = slot;
  assign row_valid  = (grouped && !banded) ? s_valid_i : slot < tokens;
  assign row_done   = !row_valid || (part_q == {wide_q, 1'b1} && (!banded || band_q == 2'd3));
  assign group_done = !row_valid || (row_done && (row_q == 4'd15 || (!grouped && slot + 8'd1 >= tokens) || (banded && row_q == 4'd3)));
  assign job_done   = group_done && (!pair_job_q || pair_q);

  logic step, take;
  assign step        = active_q && (!beat_valid_o || beat_ready_i);
  assign job_ready_o = !drain_q && (!active_q || (step && job_done && !last_q));
  assign take        = job_valid_i && job_ready_o;
  assign done_o      = drain_q && !beat_valid_o && idle_i;

  always_ff @(posedge clk_i) begin
    if (take) begin
      bank_q     <= job_bank_i;
      tile_q     <= job_tile_i;
      wide_q     <= job_wide_i;
      group_q    <= job_group_i;
      pair_job_q <= job_pair_i;
      last_q     <= job_last_i;
      cmd_o      <= job_cmd_i;
    end
    if (take) begin
      pair_q <= 1'b0;
      part_q <= 3'd0;
      row_q  <= 4'd0;
      band_q <= 2'd0;
    end else if (step) begin
      band_q <= (row_valid && banded) ? band_q + 2'd1 : 2'd0;
      if (row_valid && (!banded || band_q == 2'd3)) part_q <= row_done ? 3'd0 : part_q + 3'd1;
      if (group_done) begin
        row_q  <= 4'd0;
        part_q <= 3'd0;
        pair_q <= 1'b1;
      end else if (row_done) begin
        row_q <= row_q + 4'd1;
      end
    end
    if (step && (row_valid || job_done)) begin
      beat_null_o  <= !row_valid;
      beat_end_o   <= job_done;
      beat_bank_o  <= bank_q;
      beat_row_o   <= banded ? {band_q, row_q[1:0]} : row_q;
      beat_block_o <= part_q[2:1];
      beat_half_o  <= part_q[0];
      beat_pair_o  <= pair_q;
      beat_first_o <= !banded || band_q == 2'd0;
      beat_last_o  <= !banded || band_q == 2'd3;
      beat_shift_o <= pair_job_q && cmd_o[squat_spec_pkg::GemmModeLsb +: squat_spec_pkg::GemmModeW] == 2'd0;
      beat_token_o <= (grouped && !banded) ? s_token_i : slot[6:0];
      beat_unit_o  <= {tile_q, 1'b0} + 17'(part_q);
    end
    if (!rst_ni) begin
      active_q     <= 1'b0;
      drain_q      <= 1'b0;
      beat_valid_o <= 1'b0;
    end else begin
      if (take) active_q <= 1'b1;
      else if (step && job_done) active_q <= 1'b0;
      if (step && job_done && last_q) drain_q <= 1'b1;
      else if (done_o) drain_q <= 1'b0;
      if (step) beat_valid_o <= row_valid || job_done;
      else if (beat_ready_i) beat_valid_o <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && active_q) begin
      assert (!banded || (tokens <= 8'd4 && !pair_job_q)) else $error("squat_post_jobs: banded with more than 4 tokens or pairs");
      assert (grouped || !pair_job_q) else $error("squat_post_jobs: pairs without groups");
    end
  end
`endif
endmodule
