// SPDX-License-Identifier: Apache-2.0
// append_v: raw int32 values from vector memory to the V cache [kv head][tile of 32 channels][position][32 channels], quantised by the width
// of their token (squat_io_requant, outside). One range of 2*tokens beats per head and tile; one beat = one word of 16 channels.
// Latency: 1 beat per cycle, 2 cycles from the read to rq_valid_o. start_i is one pulse with stable fields; done_o is one pulse when the last
// word went to the requantiser. room_i: one more beat may be requested.
module squat_io_append_v (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [7:0]   tokens_i,
  input  logic [15:0]  first_position_i,
  input  logic [6:0]   kv_heads_i,
  input  logic [13:0]  x_base_i,
  input  logic [7:0]   x_stride_i,
  input  logic [2:0]   log2_head_dim_i,
  input  logic [31:0]  dst_i,
  input  logic [31:0]  head_stride_i,
  input  logic [31:0]  tile_stride_i,
  output logic         done_o,
  output logic         wait_o,  // could not move on: no room, a refused read or range
  output logic         req_valid_o,
  output logic [39:0]  req_offset_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         vrd_valid_o,
  output logic [13:0]  vrd_addr_o,
  input  logic         vrd_ready_i,
  input  logic         vrd_rvalid_i,
  input  logic [511:0] vrd_data_i,
  output logic [6:0]   q_token_o,
  input  logic         q_eight_i,
  input  logic         room_i,
  output logic         issue_o,
  output logic         rq_valid_o,
  output logic [431:0] rq_acc_o,
  output logic         rq_eight_o
);
  // Parameter contract
  // Fields are in range (squat_io checks): tokens 1..128, heads >= 1, log2_head_dim 5..7.
  logic        active_q, req_q, more, issue, last_token, last_tile, last_head;
  logic [39:0] head_offset_q, tile_offset_q;
  logic [13:0] row_q, tile_word_q;  // first word of the token's row; first word of the tile within a row
  logic        high_q;              // channels 16..31 of the tile
  logic [7:0]  token_q;
  logic [1:0]  tile_q, tiles_less1, busy_q;
  logic [6:0]  head_q;
  logic        eight1_q, eight2_q, unused_ok;

  assign tiles_less1 = log2_head_dim_i == 3'd7 ? 2'd3 : (log2_head_dim_i == 3'd6 ? 2'd1 : 2'd0);
  assign more        = head_q != kv_heads_i;
  assign last_token  = high_q && token_q + 8'd1 == tokens_i;
  assign last_tile   = tile_q == tiles_less1;
  assign last_head   = head_q + 7'd1 == kv_heads_i;

  assign req_valid_o  = active_q && req_q;
  assign req_offset_o = tile_offset_q + {23'd0, first_position_i, 1'b0};
  assign req_beats_o  = {7'd0, tokens_i, 1'b0};

  assign vrd_valid_o = active_q && more && !req_q && room_i;
  assign vrd_addr_o  = row_q + tile_word_q + 14'(high_q);
  assign q_token_o   = token_q[6:0];
  assign issue       = vrd_valid_o && vrd_ready_i;
  assign wait_o      = active_q && more && !issue && !(req_valid_o && req_ready_i);
  assign issue_o     = issue;

  assign rq_valid_o = vrd_rvalid_i;
  assign rq_eight_o = eight2_q;
  for (genvar i = 0; i < 16; i++) begin : g_lane
    assign rq_acc_o[27*i +: 27] = vrd_data_i[32*i +: 27];
  end
  assign done_o    = active_q && !more && busy_q == '0;
  assign unused_ok = ^vrd_data_i;  // |value| < 2^26

  always_ff @(posedge clk_i) begin
    busy_q   <= {busy_q[0], issue};
    eight1_q <= q_eight_i;
    eight2_q <= eight1_q;
    if (req_valid_o && req_ready_i) req_q <= 1'b0;
    if (issue) begin
      high_q <= !high_q;
      if (high_q) begin
        token_q <= token_q + 8'd1;
        row_q   <= row_q + 14'(x_stride_i);
      end
      if (last_token) begin
        token_q       <= '0;
        row_q         <= x_base_i;
        tile_word_q   <= tile_word_q + 14'd2;
        tile_q        <= tile_q + 2'd1;
        tile_offset_q <= tile_offset_q + 40'(tile_stride_i);
        req_q         <= 1'b1;
        if (last_tile) begin
          tile_q        <= '0;
          head_q        <= head_q + 7'd1;
          head_offset_q <= head_offset_q + 40'(head_stride_i);
          tile_offset_q <= head_offset_q + 40'(head_stride_i);
          if (last_head) req_q <= 1'b0;
        end
      end
    end
    if (start_i) begin
      active_q      <= 1'b1;
      req_q         <= 1'b1;
      head_offset_q <= 40'(dst_i);
      tile_offset_q <= 40'(dst_i);
      row_q         <= x_base_i;
      {tile_word_q, token_q, tile_q, head_q, high_q} <= '0;
    end
    if (done_o) active_q <= 1'b0;
    if (!rst_ni) begin
      active_q <= 1'b0;
      req_q    <= 1'b0;
      busy_q   <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) vrd_rvalid_i |-> busy_q[1]);
  assert property (@(posedge clk_i) disable iff (!rst_ni) issue |-> more);
`endif
endmodule
