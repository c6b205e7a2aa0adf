// SPDX-License-Identifier: Apache-2.0
// Reads the run's 64-byte command records ahead of their execution and hands them to dispatch in order.
// Latency: about 6 cycles plus memory latency to the first record, then one record per 4 beats. cmd_corrupt_o: the record's CRC is wrong.
// A read is requested only when the buffer has room for all of it, so read data is always accepted (rd_ready_o = 1): no head-of-line
// blocking of the other client of squat_axi_reader. go_i is one pulse after reset; done_o stays high once all records were handed over.
module squat_cmd_fetch #(
  parameter int unsigned Buffer = 16,  // records
  parameter int unsigned Chunk = 8     // records per request
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         go_i,
  input  logic [63:0]  cmd_addr_i,
  input  logic [15:0]  cmd_count_i,
  output logic         done_o,
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  input  logic         rd_valid_i,
  input  logic [127:0] rd_data_i,
  output logic         rd_ready_o,
  output logic         cmd_valid_o,
  output logic [511:0] cmd_o,
  output logic [15:0]  cmd_index_o,
  output logic         cmd_corrupt_o,
  input  logic         cmd_ready_i
);
  // Parameter contract
  // Chunk <= 16 (64 beats a request) and Buffer >= Chunk, a power of two.
  if (Chunk > 16 || Chunk == 0 || Buffer < Chunk || (Buffer & (Buffer - 1)) != 0) begin : g_bad_parameters
    $error("squat_cmd_fetch: Buffer or Chunk out of range");
  end

  localparam int unsigned CountW = $clog2(Buffer) + 1;

  logic              active_q, req_valid_q;
  logic [63:0]       req_addr_q;
  logic [15:0]       left_q, index_q;     // records not yet requested; index of the record at the output
  logic [CountW-1:0] reserved_q;          // records requested and not yet handed over
  logic [4:0]        chunk, req_records_q;
  logic              room, take, hand;
  logic [1:0]        beat_q;
  logic [511:0]      record_q;
  logic              whole_q;  // record_q is a whole record
  logic [31:0]       crc;
  logic              fifo_wr_ready, unused_ok;
  logic [CountW-1:0] fifo_count;

  assign chunk = left_q > 16'(Chunk) ? 5'(Chunk) : 5'(left_q);
  assign room  = 32'(reserved_q) + 32'(chunk) <= Buffer;
  assign take  = req_valid_q && req_ready_i;
  assign hand  = cmd_valid_o && cmd_ready_i;

  assign req_valid_o = req_valid_q;
  assign req_addr_o  = req_addr_q;
  assign req_beats_o = {9'd0, req_records_q, 2'b00};
  assign rd_ready_o  = 1'b1;
  assign cmd_index_o = index_q;
  assign done_o      = active_q && index_q == cmd_count_i;
  assign unused_ok   = ^{fifo_wr_ready, fifo_count};

  always_ff @(posedge clk_i) begin
    if (go_i) begin
      active_q   <= 1'b1;
      req_addr_q <= cmd_addr_i;
      left_q     <= cmd_count_i;
    end
    if (active_q && !req_valid_q && left_q != '0 && room) begin
      req_valid_q   <= 1'b1;
      req_records_q <= chunk;
      left_q        <= left_q - 16'(chunk);
    end
    if (take) begin
      req_valid_q <= 1'b0;
      req_addr_q  <= req_addr_q + {53'd0, req_records_q, 6'd0};
    end
    reserved_q <= reserved_q + (take ? CountW'(req_records_q) : '0) - CountW'(hand);
    if (hand) index_q <= index_q + 1'b1;
    if (rd_valid_i) begin
      record_q <= {rd_data_i, record_q[511:128]};
      beat_q   <= beat_q + 1'b1;
    end
    whole_q <= rd_valid_i && beat_q == 2'd3;
    if (!rst_ni) begin
      active_q    <= 1'b0;
      req_valid_q <= 1'b0;
      left_q      <= '0;
      index_q     <= '0;
      reserved_q  <= '0;
      beat_q      <= '0;
      whole_q     <= 1'b0;
    end
  end

  squat_crc32 u_crc (
    .clk_i,
    .valid_i(rd_valid_i),
    .first_i(beat_q == 2'd0),
    .data_i (beat_q == 2'd3 ? {32'd0, rd_data_i[95:0]} : rd_data_i),
    .crc_o  (crc)
  );

  squat_sync_fifo #(
    .Width(513),
    .Depth(Buffer)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .wr_valid_i(whole_q),
    .wr_data_i ({crc != record_q[squat_spec_pkg::CmdRecordCrcLsb +: 32], record_q}),
    .wr_ready_o(fifo_wr_ready),
    .rd_valid_o(cmd_valid_o),
    .rd_data_o ({cmd_corrupt_o, cmd_o}),
    .rd_ready_i(cmd_ready_i),
    .count_o   (fifo_count)
  );

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) whole_q |-> fifo_wr_ready);
  assert property (@(posedge clk_i) disable iff (!rst_ni) req_valid_o && !req_ready_i |=> req_valid_o && $stable(req_addr_o));
`endif
endmodule
