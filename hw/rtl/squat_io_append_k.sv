// SPDX-License-Identifier: Apache-2.0
// append_k: key codes from activation memory to the K cache [kv head][block of 32 positions][head_dim][32 positions].
// For every head and touched block one range of 2*head_dim beats (column d: positions 0..15, then 16..31 of the block); byte strobes select the
// positions of the pass, so that the other positions of a block keep their bytes.
// One beat = one read of column head*head_dim + d of a slot group. Latency: 1 beat per cycle, 3 cycles from request to beat_o.
// start_i is one pulse with stable fields; done_o is one pulse when the last beat was given. room_i: one more beat may be requested.
module squat_io_append_k (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [7:0]   tokens_i,
  input  logic [15:0]  first_position_i,
  input  logic [6:0]   kv_heads_i,
  input  logic [14:0]  a_base_i,
  input  logic [12:0]  a_stride_i,
  input  logic [2:0]   log2_head_dim_i,
  input  logic [31:0]  dst_i,
  input  logic [31:0]  head_stride_i,
  output logic         done_o,
  output logic         wait_o,  // could not move on: no room, a refused read or range
  output logic         req_valid_o,
  output logic [39:0]  req_offset_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         ard_valid_o,
  output logic         ard_half_o,
  output logic [14:0]  ard_addr_o,
  output logic [3:0]   ard_rot_o,
  input  logic         ard_ready_i,
  input  logic         ard_rvalid_i,
  input  logic [127:0] ard_data_i,
  input  logic         room_i,
  output logic         issue_o,  // a beat was requested: room is taken
  output logic         beat_o,
  output logic [127:0] data_o,
  output logic [15:0]  strb_o
);
  // Parameter contract
  // Fields are in range (squat_io checks): tokens 1..128, heads >= 1, log2_head_dim 5..7.
  logic        active_q, req_q, more, last_column, last_block, last_head, issue;
  logic [39:0] head_offset_q;
  logic [14:0] column0_q;    // first column of the head
  logic [6:0]  column_q;     // d
  logic        high_q;       // positions 16..31 of the block
  logic [3:0]  block_q, blocks;
  logic [6:0]  head_q;
  logic [7:0]  head_dim;
  logic [1:0]  busy_q;       // beats requested in the last two cycles
  logic [15:0] strb_d, strb1_q, strb2_q;
  // Slots: token t lies in slot first_position % 16 + t; slot group g holds positions 16*(first_position/16 + g) ...
  logic [8:0]  last_slot;
  logic [4:0]  group;        // two's complement: -1 when the block starts before the pass
  logic [4:0]  last_group;
  logic        in_pass;
  logic [14:0] row;
  logic [11:0] block;        // of the cache, counted from position 0

  assign head_dim    = 8'd1 << log2_head_dim_i;
  assign last_slot   = 9'(first_position_i[3:0]) + 9'(tokens_i) - 9'd1;
  assign last_group  = last_slot[8:4];
  assign blocks      = 4'((9'(first_position_i[4:0]) + 9'(tokens_i) + 9'd31) >> 5);
  assign group       = {block_q, high_q} - {4'd0, first_position_i[4]};
  assign in_pass     = !group[4] && group <= last_group;
  assign row         = 15'(group[4:1]) * 15'(a_stride_i);
  assign last_column = high_q && {1'b0, column_q} == head_dim - 8'd1;
  assign last_block  = block_q + 4'd1 == blocks;
  assign more        = head_q != kv_heads_i;
  assign last_head   = head_q + 7'd1 == kv_heads_i;

  always_comb begin
    strb_d = '0;
    if (in_pass) begin
      strb_d = '1;
      if (group == '0) strb_d = strb_d << first_position_i[3:0];
      if (group == last_group) strb_d = strb_d & (16'hffff >> (4'd15 - last_slot[3:0]));
    end
  end

  // ---- one range per head and block
  assign req_valid_o  = active_q && req_q;
  assign block        = {1'b0, first_position_i[15:5]} + 12'(block_q);
  assign req_offset_o = head_offset_q + (40'(block) << (4'(log2_head_dim_i) + 4'd1));
  assign req_beats_o  = {7'd0, head_dim, 1'b0};

  // ---- reads; a beat outside the pass reads a clamped address and carries no strobes
  assign ard_valid_o = active_q && more && !req_q && room_i;
  assign ard_half_o  = group[0];
  assign ard_addr_o  = a_base_i + (in_pass ? row : '0) + column0_q + 15'(column_q);
  assign ard_rot_o   = column_q[3:0];
  assign issue       = ard_valid_o && ard_ready_i;
  assign wait_o      = active_q && more && !issue && !(req_valid_o && req_ready_i);
  assign issue_o     = issue;

  assign beat_o = ard_rvalid_i;
  assign data_o = ard_data_i;
  assign strb_o = strb2_q;
  assign done_o = active_q && !more && busy_q == '0;

  always_ff @(posedge clk_i) begin
    busy_q  <= {busy_q[0], issue};
    strb1_q <= strb_d;
    strb2_q <= strb1_q;
    if (req_valid_o && req_ready_i) req_q <= 1'b0;
    if (issue) begin
      high_q <= !high_q;
      if (high_q) column_q <= column_q + 7'd1;
      if (last_column) begin
        column_q <= '0;
        req_q    <= 1'b1;
        block_q  <= block_q + 4'd1;
        if (last_block) begin
          block_q       <= '0;
          head_q        <= head_q + 7'd1;
          head_offset_q <= head_offset_q + 40'(head_stride_i);
          column0_q     <= column0_q + 15'(head_dim);
          if (last_head) req_q <= 1'b0;
        end
      end
    end
    if (start_i) begin
      active_q      <= 1'b1;
      req_q         <= 1'b1;
      head_offset_q <= 40'(dst_i);
      {head_q, block_q, column_q, high_q} <= '0;
      column0_q     <= '0;
    end
    if (done_o) active_q <= 1'b0;
    if (!rst_ni) begin
      active_q <= 1'b0;
      req_q    <= 1'b0;
      busy_q   <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) ard_rvalid_i |-> busy_q[1]);
  assert property (@(posedge clk_i) disable iff (!rst_ni) issue |-> more);
`endif
endmodule
