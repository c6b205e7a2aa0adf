// SPDX-License-Identifier: Apache-2.0
// One read port of the weight loader: walks the tiles of one ring bank and issues their bursts.
//
// A job (start_*) is `tiles` ranges of `words` 16-byte units, BeatWords of them a beat, in the buffer of limit_i units at byte address base_i. Range i is slice
// (Slice - i % (wide_i + 1)) mod 4 of tile i: slices are slice_stride_i units apart, tiles stride_i, slice 0 of tile 0 is at unit_i.
// start_ready_o returns as soon as the last burst of a job has been issued, so the next job's bursts follow while beats are still under way.
// Bursts have at most 64 beats, stay within 4 KiB, and reserve their ring space first, which the ring counts in beats. stop_i ends issuing; beats under way are still taken.
// job_last_o: the beat being written is its job's last; done_o: the same one cycle later, one pulse per job, in order. A range beyond the limit
// issues nothing of itself: bad_address_o pulses, nothing more is issued. bad_read_o: an error response.
// bad_crc_o (in the cycle of done_o), sum_o: squat_weight_check; the job's checked_i, crc_i, summed_i, sum_turn_i and positions_i.
// Latency: 3 cycles per burst at least; beats go to the ring in the cycle in which they arrive.
module squat_weight_port #(
  parameter int unsigned Slice = 0,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned CountW = 12,
  parameter int unsigned MaxOutstanding = 8
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              stop_i,
  input  logic              start_valid_i,
  output logic              start_ready_o,
  input  logic [63:0]       base_i,
  input  logic [33:0]       unit_i,
  input  logic [31:0]       limit_i,
  input  logic [31:0]       stride_i,
  input  logic [31:0]       slice_stride_i,
  input  logic [1:0]        wide_i,
  input  logic [12:0]       words_i,
  input  logic [15:0]       tiles_i,
  input  logic              checked_i,
  input  logic [31:0]       crc_i,
  input  logic [1:0]        summed_i,
  input  logic [2:0]        sum_turn_i,
  input  logic [15:0]       positions_i,
  output logic [31:0]       sum_o,
  output logic              job_last_o,
  output logic              done_o,
  output logic              bad_address_o,
  output logic              bad_read_o,
  output logic              bad_crc_o,
  // ring
  input  logic [CountW-1:0] free_i,
  output logic              reserve_o,
  output logic [6:0]        reserve_beats_o,
  output logic              wr_valid_o,
  output logic [BeatWords*128-1:0] wr_data_o,
  // AXI read master
  output logic              m_arvalid_o,
  output logic [63:0]       m_araddr_o,
  output logic [7:0]        m_arlen_o,
  input  logic              m_arready_i,
  input  logic              m_rvalid_i,
  input  logic [BeatWords*128-1:0] m_rdata_i,
  input  logic [1:0]        m_rresp_i,
  input  logic              m_rlast_i,
  output logic              m_rready_o
);
  // Parameter contract
  // Slice is 0..3. MaxOutstanding is a power of two, 4..64. CountW holds the ring's beats per bank. BeatWords is 1 or 4; offsets,
  // strides and words of a job are multiples of it.
  if (Slice > 3 || (BeatWords != 1 && BeatWords != 4) || MaxOutstanding < 4 || MaxOutstanding > 64) begin : g_bad_parameters
    $error("squat_weight_port: Slice must be 0..3, BeatWords 1 or 4, MaxOutstanding 4..64");
  end

  localparam int unsigned BeatShift = $clog2(BeatWords);

  localparam logic [1:0] StIdle = 2'd0;     // no range
  localparam logic [1:0] StAddress = 2'd1;  // byte address and limit of the rest of the range
  localparam logic [1:0] StCut = 2'd2;      // burst length
  localparam logic [1:0] StIssue = 2'd3;    // waits for space, for a free place among the outstanding bursts, and for the channel

  function automatic logic [33:0] slice_offset(input logic [1:0] index, input logic [31:0] stride);
    slice_offset = (index[0] ? 34'(stride) : 34'd0) + (index[1] ? {1'b0, stride, 1'b0} : 34'd0);
  endfunction

  logic [1:0]  state_q;
  logic [63:0] base_q, addr_q;
  logic [33:0] unit_q, first_q;  // next unit to read, first unit of slice 0 of the tile
  logic [33:0] slice_start_q;    // from there, of the slice after this range
  logic [31:0] limit_q, stride_q, slice_stride_q;
  logic [1:0]  wide_q, turn_q, slice, next_slice;  // turn_q: tile modulo wide + 1
  logic [12:0] beats_all_q, left_q;  // beats of a range, those still to do
  logic [15:0] tiles_q;
  logic [6:0]  beats, beats_q;
  logic [31:0] crc_q;
  logic        checked_q;
  logic [1:0]  summed_q;     // 1 keys, 2 values
  logic [2:0]  sum_turn_q;
  logic [15:0] positions_q;  // keys: from the tile's first on
  logic        issue, range_end, job_end, order_ready, order_valid, order_last, order_range_last, order_checked;
  logic [15:0] place;  // of the burst in its tile
  logic [31:0] order_crc;
  logic [15:0] order_unit, order_positions;
  logic [1:0]  order_summed;
  logic [2:0]  order_turn;

  squat_burst_cut #(
    .BeatBytes(16 * BeatWords)
  ) u_cut (
    .addr_i(addr_q[11:4+BeatShift]),
    .left_i(16'(left_q)),
    .beats_o(beats)
  );

  assign place           = unit_q[15:0] - first_q[15:0];
  assign slice           = 2'(Slice) - turn_q;
  assign next_slice      = turn_q == wide_q ? 2'(Slice) : slice - 2'd1;
  assign start_ready_o   = state_q == StIdle;
  assign issue           = state_q == StIssue && free_i >= CountW'(beats_q) && order_ready && (!m_arvalid_o || m_arready_i) && !stop_i;
  assign range_end       = left_q == 13'(beats_q);
  assign job_end         = range_end && tiles_q == 16'd1;
  assign reserve_o       = issue;
  assign reserve_beats_o = beats_q;

  always_ff @(posedge clk_i) begin
    bad_address_o <= 1'b0;
    if (m_arready_i) m_arvalid_o <= 1'b0;
    unique case (state_q)
      StIdle: if (start_valid_i) begin
        base_q         <= base_i;
        unit_q         <= unit_i + slice_offset(2'(Slice), slice_stride_i);
        first_q        <= unit_i;
        turn_q         <= 2'd0;
        wide_q         <= wide_i;
        slice_stride_q <= slice_stride_i;
        limit_q        <= limit_i;
        stride_q       <= stride_i;
        beats_all_q    <= words_i >> BeatShift;
        left_q         <= words_i >> BeatShift;
        tiles_q        <= tiles_i;
        checked_q      <= checked_i;
        crc_q          <= crc_i;
        summed_q       <= summed_i;
        sum_turn_q     <= sum_turn_i;
        positions_q    <= positions_i;
        state_q        <= StAddress;
      end
      StAddress: if (!stop_i) begin
        addr_q        <= base_q + {26'd0, unit_q, 4'd0};
        slice_start_q <= slice_offset(next_slice, slice_stride_q);
        if (unit_q + (34'(left_q) << BeatShift) > 34'(limit_q)) bad_address_o <= !bad_address_o;
        else state_q <= StCut;
      end
      StCut: begin
        beats_q <= beats;
        state_q <= StIssue;
      end
      default: if (issue) begin
        m_arvalid_o <= 1'b1;
        m_araddr_o  <= addr_q;
        m_arlen_o   <= 8'(beats_q) - 8'd1;
        if (range_end) begin
          unit_q  <= first_q + 34'(stride_q) + slice_start_q;
          turn_q  <= turn_q == wide_q ? 2'd0 : turn_q + 2'd1;
          first_q <= first_q + 34'(stride_q);
          left_q  <= beats_all_q;
          tiles_q <= tiles_q - 16'd1;
          if (summed_q[0]) positions_q <= positions_q > 16'd32 ? positions_q - 16'd32 : '0;
        end else begin
          unit_q <= unit_q + (34'(beats_q) << BeatShift);
          left_q <= left_q - 13'(beats_q);
        end
        state_q <= job_end ? StIdle : StAddress;
      end
    endcase
    if (!rst_ni) begin
      state_q     <= StIdle;
      m_arvalid_o <= 1'b0;
    end
  end

  logic [$clog2(MaxOutstanding):0] order_count;
  logic                            unused;
  assign unused = ^{order_count, m_rresp_i[0]};

  // One entry per outstanding burst: is it the last of its range, of its job, what the job's CRC must be, and what of it is summed up.
  squat_sync_fifo #(
    .Width(72),
    .Depth(MaxOutstanding)
  ) u_order (
    .clk_i,
    .rst_ni,
    .wr_valid_i(issue),
    .wr_data_i({sum_turn_q, place, summed_q, positions_q, crc_q, checked_q, range_end, job_end}),
    .wr_ready_o(order_ready),
    .rd_valid_o(order_valid),
    .rd_data_o({order_turn, order_unit, order_summed, order_positions, order_crc, order_checked, order_range_last, order_last}),
    .rd_ready_i(m_rvalid_i && m_rlast_i),
    .count_o(order_count)
  );

  assign m_rready_o = 1'b1;
  assign wr_valid_o = m_rvalid_i;
  assign wr_data_o  = m_rdata_i;

  assign job_last_o = m_rvalid_i && m_rlast_i && order_valid && order_last;

  squat_weight_check #(
    .BeatWords(BeatWords)
  ) u_check (
    .clk_i,
    .rst_ni,
    .valid_i(m_rvalid_i),
    .last_i(m_rlast_i),
    .data_i(m_rdata_i),
    .entry_range_last_i(order_range_last),
    .entry_job_last_i(order_last),
    .entry_checked_i(order_checked),
    .entry_crc_i(order_crc),
    .entry_summed_i(order_summed),
    .entry_turn_i(order_turn),
    .entry_unit_i(order_unit),
    .entry_positions_i(order_positions),
    .bad_crc_o,
    .sum_o
  );

  always_ff @(posedge clk_i) begin
    done_o     <= rst_ni && job_last_o;
    bad_read_o <= rst_ni && m_rvalid_i && m_rresp_i[1];
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_rvalid_i |-> order_valid);
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_arvalid_o && !m_arready_i |=> m_arvalid_o && $stable(m_araddr_o) && $stable(m_arlen_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_arvalid_o |-> 32'(m_araddr_o[11:4+BeatShift]) + 32'(m_arlen_o) < 32'd256 >> BeatShift && m_arlen_o < 8'd64);
`endif
endmodule
