// SPDX-License-Identifier: Apache-2.0
// The io unit: load_residual, load_params, append_k, append_v, one command at a time.
// Idle -> Check (fields, 2 cycles) -> Start -> Run -> Settle (writes acknowledged) -> done_o. A command is done when its data have arrived:
// in vector memory, in the parameter buffer, or (append) acknowledged by the memory behind the write port.
// Errors: bad_parameter for a field out of range, bad_address for a range outside its buffer, before anything of that range is issued,
// bad_crc for data that do not match their CRC; err_valid_o is one pulse, after which the unit waits for its reset.
module squat_io #(
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         cmd_valid_i,
  input  logic [511:0] cmd_i,
  output logic         cmd_ready_o,
  output logic         done_o,
  output logic [31:0]  written_o,  // sum (squat_fold_pkg) of the bytes given to the KV cache in this run
  output logic         held_o,  // the unit cannot move on: a memory refuses it, or it waits for AXI data, port or responses
  output logic         err_valid_o,
  output logic [7:0]   err_code_o,
  input  logic [63:0]  w0_base_i,
  input  logic [63:0]  kv_base_i,
  input  logic [63:0]  io_base_i,
  input  logic [31:0]  weights_units_i,
  input  logic [31:0]  kv_units_i,
  input  logic [31:0]  io_units_i,
  // squat_axi_reader client
  output logic         rreq_valid_o,
  output logic [63:0]  rreq_addr_o,
  output logic [15:0]  rreq_beats_o,
  input  logic         rreq_ready_i,
  input  logic         rd_valid_i,
  input  logic [127:0] rd_data_i,
  output logic         rd_ready_o,
  // squat_axi_writer client
  output logic         wreq_valid_o,
  output logic [63:0]  wreq_addr_o,
  output logic [15:0]  wreq_beats_o,
  input  logic         wreq_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  input  logic         w_ready_i,
  input  logic         w_idle_i,
  // vector memory
  output logic         vrd_valid_o,
  output logic [13:0]  vrd_addr_o,
  input  logic         vrd_ready_i,
  input  logic         vrd_rvalid_i,
  input  logic [511:0] vrd_data_i,
  output logic         vwr_valid_o,
  output logic [13:0]  vwr_addr_o,
  output logic [511:0] vwr_data_o,
  input  logic         vwr_ready_i,
  // activation memory
  output logic         ard_valid_o,
  output logic         ard_half_o,
  output logic [14:0]  ard_addr_o,
  output logic [3:0]   ard_rot_o,
  input  logic         ard_ready_i,
  input  logic         ard_rvalid_i,
  input  logic [127:0] ard_data_i,
  // width table
  output logic         q_table_o,
  output logic [6:0]   q_token_o,
  input  logic         q_eight_i,
  // parameter and bias buffers
  output logic         par_wr_valid_o,
  output logic [1:0]   par_wr_buffer_o,
  output logic [9:0]   par_wr_word_o,
  output logic [511:0] par_wr_data_o
);
  // Parameter contract
  // VsramDepth <= 16384, AsramDepth <= 32768, BiasDepth <= 1024 (checked in squat_io_fields).
  localparam int unsigned Room = 16;  // beats between the memories and the write port

  typedef enum logic [2:0] {StIdle, StMultiply, StCheck, StStart, StRun, StSettle, StFailed} state_e;
  state_e       state_q;
  logic [511:0] cmd_q;

  // ---- fields
  logic        is_residual, is_params, is_k, is_v, add, fields_ok;
  logic [1:0]  param_buffer;
  logic [9:0]  param_word;
  logic [7:0]  tokens, words, x_stride;
  logic [15:0] first_position, load_beats;
  logic [12:0] a_stride;
  logic [6:0]  kv_heads;
  logic [13:0] x_base;
  logic [14:0] a_base;
  logic [2:0]  log2_head_dim;
  logic [16:0] m0;
  logic [5:0]  s0;
  logic [31:0] ddr, head_stride, tile_stride, crc;
  logic        checked;

  squat_io_fields #(
    .VsramDepth(VsramDepth),
    .AsramDepth(AsramDepth),
    .BiasDepth(BiasDepth)
  ) u_fields (
    .clk_i,
    .cmd_i       (cmd_q),
    .multiply_i  (state_q == StMultiply),
    .is_residual_o    (is_residual),
    .is_params_o      (is_params),
    .is_k_o           (is_k),
    .is_v_o           (is_v),
    .tokens_o         (tokens),
    .words_o          (words),
    .x_base_o         (x_base),
    .x_stride_o       (x_stride),
    .m0_o             (m0),
    .s0_o             (s0),
    .ddr_o            (ddr),
    .add_o            (add),
    .checked_o        (checked),
    .crc_o            (crc),
    .buffer_o         (param_buffer),
    .word_o           (param_word),
    .first_position_o (first_position),
    .kv_heads_o       (kv_heads),
    .a_base_o         (a_base),
    .a_stride_o       (a_stride),
    .log2_head_dim_o  (log2_head_dim),
    .head_stride_o    (head_stride),
    .tile_stride_o    (tile_stride),
    .q_table_o,
    .load_beats_o(load_beats),
    .ok_o        (fields_ok)
  );

  // ---- state
  logic start, op_done, load_done, load_corrupt, load_wait, k_done, k_wait, v_done, v_wait, read_err, write_err, bad_fields, settled, write_pending;
  logic [4:0] used_q, fifo_count;  // beats requested and not yet at the write port

  assign cmd_ready_o = state_q == StIdle;
  assign start       = state_q == StStart;
  assign op_done     = load_done || k_done || v_done;
  assign bad_fields  = state_q == StCheck && !fields_ok;
  assign settled     = is_residual || is_params || (used_q == '0 && w_idle_i && !write_pending);
  assign done_o      = state_q == StSettle && settled;
  assign held_o      = load_wait || k_wait || v_wait || (state_q == StSettle && !settled);
  assign err_valid_o = bad_fields || load_corrupt || read_err || write_err;
  assign err_code_o  = bad_fields ? squat_spec_pkg::ErrorBadParameter : load_corrupt ? squat_spec_pkg::ErrorBadCrc : squat_spec_pkg::ErrorBadAddress;

  always_ff @(posedge clk_i) begin
    case (state_q)
      StIdle: if (cmd_valid_i) begin
        cmd_q   <= cmd_i;
        state_q <= StMultiply;
      end
      StMultiply: state_q <= StCheck;
      StCheck:  state_q <= fields_ok ? StStart : StFailed;
      StStart:  state_q <= StRun;
      StRun:    if (op_done) state_q <= StSettle;
      StSettle: if (settled) state_q <= StIdle;
      default:  state_q <= StFailed;
    endcase
    if (load_corrupt || read_err || write_err) state_q <= StFailed;
    if (!rst_ni) state_q <= StIdle;
  end

  // ---- ranges
  logic        load_req_q, range_r_ready, range_w_ready;
  logic        k_req_valid, v_req_valid;
  logic [39:0] k_offset, v_offset;
  logic [15:0] k_beats, v_beats;

  always_ff @(posedge clk_i) begin
    if (range_r_ready) load_req_q <= 1'b0;
    if (start && (is_residual || is_params)) load_req_q <= 1'b1;
    if (!rst_ni) load_req_q <= 1'b0;
  end

  squat_io_range u_read_range (
    .clk_i,
    .rst_ni,
    .base_i     (is_residual ? io_base_i : w0_base_i),
    .units_i    (is_residual ? io_units_i : weights_units_i),
    .valid_i    (load_req_q),
    .offset_i   (40'(ddr)),
    .beats_i    (load_beats),
    .ready_o    (range_r_ready),
    .valid_o    (rreq_valid_o),
    .addr_o     (rreq_addr_o),
    .beats_o    (rreq_beats_o),
    .ready_i    (rreq_ready_i),
    .err_valid_o(read_err)
  );

  squat_io_range u_write_range (
    .clk_i,
    .rst_ni,
    .base_i     (kv_base_i),
    .units_i    (kv_units_i),
    .valid_i    (k_req_valid || v_req_valid),
    .offset_i   (is_k ? k_offset : v_offset),
    .beats_i    (is_k ? k_beats : v_beats),
    .ready_o    (range_w_ready),
    .valid_o    (wreq_valid_o),
    .addr_o     (wreq_addr_o),
    .beats_o    (wreq_beats_o),
    .ready_i    (wreq_ready_i),
    .err_valid_o(write_err)
  );
  assign write_pending = wreq_valid_o;

  // ---- operations
  logic         load_rq_valid, v_rq_valid, rq_valid, rq_eight, rq_out_valid;
  logic [431:0] load_acc, v_acc;
  logic [511:0] rq_value;
  logic [127:0] rq_byte;
  logic         load_vrd_valid, v_vrd_valid;
  logic [13:0]  load_vrd_addr, v_vrd_addr;
  logic         k_issue, v_issue, k_beat, room, fifo_ready, unused_ok;
  logic [127:0] k_data;
  logic [15:0]  k_strb;

  squat_io_load u_load (
    .clk_i,
    .rst_ni,
    .start_i       (start && (is_residual || is_params)),
    .residual_i    (is_residual),
    .beats_i       (load_beats),
    .words_i       (words),
    .x_base_i      (x_base),
    .x_stride_i    (x_stride),
    .add_i         (is_residual && add),
    .buffer_i      (param_buffer),
    .word_i        (param_word),
    .checked_i     (checked),
    .crc_i         (crc),
    .done_o        (load_done),
    .corrupt_o     (load_corrupt),
    .wait_o        (load_wait),
    .rd_valid_i,
    .rd_data_i,
    .rd_ready_o,
    .rq_valid_o    (load_rq_valid),
    .rq_acc_o      (load_acc),
    .rq_valid_i    (rq_out_valid && is_residual),
    .rq_value_i    (rq_value),
    .vrd_valid_o   (load_vrd_valid),
    .vrd_addr_o    (load_vrd_addr),
    .vrd_ready_i,
    .vrd_rvalid_i,
    .vrd_data_i,
    .vwr_valid_o,
    .vwr_addr_o,
    .vwr_data_o,
    .vwr_ready_i,
    .par_wr_valid_o,
    .par_wr_buffer_o,
    .par_wr_word_o,
    .par_wr_data_o
  );

  squat_io_append_k u_append_k (
    .clk_i,
    .rst_ni,
    .start_i         (start && is_k),
    .tokens_i        (tokens),
    .first_position_i(first_position),
    .kv_heads_i      (kv_heads),
    .a_base_i        (a_base),
    .a_stride_i      (a_stride),
    .log2_head_dim_i (log2_head_dim),
    .dst_i           (ddr),
    .head_stride_i   (head_stride),
    .done_o          (k_done),
    .req_valid_o     (k_req_valid),
    .req_offset_o    (k_offset),
    .req_beats_o     (k_beats),
    .req_ready_i     (range_w_ready),
    .ard_valid_o,
    .ard_half_o,
    .ard_addr_o,
    .ard_rot_o,
    .ard_ready_i,
    .ard_rvalid_i,
    .ard_data_i,
    .room_i          (room),
    .wait_o          (k_wait),
    .issue_o         (k_issue),
    .beat_o          (k_beat),
    .data_o          (k_data),
    .strb_o          (k_strb)
  );

  squat_io_append_v u_append_v (
    .clk_i,
    .rst_ni,
    .start_i         (start && is_v),
    .tokens_i        (tokens),
    .first_position_i(first_position),
    .kv_heads_i      (kv_heads),
    .x_base_i        (x_base),
    .x_stride_i      (x_stride),
    .log2_head_dim_i (log2_head_dim),
    .dst_i           (ddr),
    .head_stride_i   (head_stride),
    .tile_stride_i   (tile_stride),
    .done_o          (v_done),
    .req_valid_o     (v_req_valid),
    .req_offset_o    (v_offset),
    .req_beats_o     (v_beats),
    .req_ready_i     (range_w_ready),
    .vrd_valid_o     (v_vrd_valid),
    .vrd_addr_o      (v_vrd_addr),
    .vrd_ready_i,
    .vrd_rvalid_i    (vrd_rvalid_i && is_v),
    .vrd_data_i,
    .q_token_o,
    .q_eight_i,
    .room_i          (room),
    .wait_o          (v_wait),
    .issue_o         (v_issue),
    .rq_valid_o      (v_rq_valid),
    .rq_acc_o        (v_acc),
    .rq_eight_o      (rq_eight)
  );

  // One command at a time: only one of the two reads.
  assign vrd_valid_o = load_vrd_valid || v_vrd_valid;
  assign vrd_addr_o  = is_v ? v_vrd_addr : load_vrd_addr;
  assign rq_valid    = load_rq_valid || v_rq_valid;

  squat_io_requant u_requant (
    .clk_i,
    .rst_ni,
    .m_i    (m0),
    .s_i    (s0),
    .code_i (is_v),
    .valid_i(rq_valid),
    .acc_i  (is_v ? v_acc : load_acc),
    .eight_i(rq_eight),
    .valid_o(rq_out_valid),
    .value_o(rq_value),
    .byte_o (rq_byte)
  );

  assign unused_ok = ^{fifo_ready, fifo_count};

  // ---- beats to the write port; room is taken when a beat is requested and returns when it leaves
  assign room = used_q != 5'(Room);

  always_ff @(posedge clk_i) begin
    used_q <= used_q + 5'(k_issue || v_issue) - 5'(w_valid_o && w_ready_i);
    if (!rst_ni) used_q <= '0;
  end

  squat_sync_fifo #(
    .Width(144),
    .Depth(Room)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .wr_valid_i(is_k ? k_beat : rq_out_valid && is_v),
    .wr_data_i (is_k ? {k_strb, k_data} : {16'hffff, rq_byte}),
    .wr_ready_o(fifo_ready),
    .rd_valid_o(w_valid_o),
    .rd_data_o ({w_strb_o, w_data_o}),
    .rd_ready_i(w_ready_i),
    .count_o   (fifo_count)
  );

  // ---- sum of what is written; ranges of keys start on multiples of 8 words, those of values at their first position
  logic        taken;
  logic [2:0]  unit;
  logic [7:0]  place_q;  // beat in its range, modulo 256
  logic [31:0] written_q;

  assign taken     = w_valid_o && w_ready_i;
  assign unit      = place_q[2:0] + (is_v ? {first_position[1:0], 1'b0} : 3'd0);
  assign written_o = written_q;

  always_ff @(posedge clk_i) begin
    if (taken) begin
      place_q   <= is_v && place_q == {tokens[6:0], 1'b0} - 8'd1 ? '0 : place_q + 8'd1;
      written_q <= written_q ^ squat_fold_pkg::fold(squat_fold_pkg::kept(w_data_o, w_strb_o), unit);
    end
    if (start) place_q <= '0;
    if (!rst_ni) written_q <= '0;
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(w_valid_o && !fifo_ready && rq_out_valid && is_v));
  assert property (@(posedge clk_i) disable iff (!rst_ni) 32'(fifo_count) <= 32'(used_q));
  assert property (@(posedge clk_i) disable iff (!rst_ni) done_o |=> !done_o);
`endif
endmodule
