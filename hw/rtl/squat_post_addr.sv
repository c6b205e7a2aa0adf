// SPDX-License-Identifier: Apache-2.0
// Where a beat reads and writes: width and slot of its token, output column and address, RoPE word; then issues its reads.
//
// Two stages. Lookup (the beat of squat_post_jobs): width table, token*stride, split of the column into bands. Issue: a beat leaves
// when the output side has room (room_i) and, for a residual beat, vector memory takes its read; with it go the accumulator read,
// the RoPE request and meta_o, the address of the later write:
//   vector memory, logits  {address}                       o_base or dst + token*stride + channel/16 or channel/4
//   activation memory      {half, rot, address} = [19:0]   "Activation addressing" in docs/develop/accelerator.md
// Banded beats issue four times (one per band of the accumulators); address outputs count with the last. The bias of a beat's channels
// is read with the lookup and ready at the issue. GELU beats keep a cycle between them: their lanes need two.
// Latency: 1 cycle from beat to issue. Handshake: beat valid/ready; issue is a pulse.
// Parameter contract: none.
module squat_post_addr (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [511:0] cmd_i,

  input  logic         beat_valid_i,
  output logic         beat_ready_o,
  input  logic         beat_null_i,
  input  logic         beat_end_i,
  input  logic         beat_bank_i,
  input  logic [3:0]   beat_row_i,
  input  logic [1:0]   beat_block_i,
  input  logic         beat_half_i,
  input  logic         beat_pair_i,
  input  logic         beat_first_i,
  input  logic         beat_last_i,
  input  logic         beat_shift_i,
  input  logic [6:0]   beat_token_i,
  input  logic [16:0]  beat_unit_i,

  output logic         q_table_o,
  output logic [6:0]   q_token_o,
  input  logic [7:0]   q_slot_i,
  input  logic         q_eight_i,

  input  logic         room_i,
  output logic         vs_rd_valid_o,
  output logic [13:0]  vs_rd_addr_o,
  input  logic         vs_rd_ready_i,

  output logic         acc_rd_en_o,
  output logic         acc_rd_bank_o,
  output logic [3:0]   acc_rd_row_o,
  output logic [1:0]   acc_rd_block_o,
  output logic         acc_rd_half_o,
  output logic         acc_rd_pair_o,
  output logic [1:0]   bank_free_o,

  output logic         bias_en_o,
  output logic [9:0]   bias_addr_o,
  output logic         first_o,
  output logic         last_o,
  output logic         shift_o,
  output logic         eight_o,
  output logic         meta_push_o,
  output logic [31:0]  meta_o,
  output logic [9:0]   rope_addr_o,
  output logic         idle_o
);
  // Command fields.
  logic [2:0]  post, log2_hd;
  logic [3:0]  slot_offset;
  logic [15:0] o_base;
  logic [12:0] o_stride, o_ks, o_column;
  logic [31:0] dst, dst_stride;
  assign post        = cmd_i[squat_spec_pkg::GemmPostLsb +: squat_spec_pkg::GemmPostW];
  assign log2_hd     = cmd_i[squat_spec_pkg::GemmLog2HeadDimLsb +: squat_spec_pkg::GemmLog2HeadDimW];
  assign slot_offset = cmd_i[squat_spec_pkg::GemmSlotOffsetLsb +: squat_spec_pkg::GemmSlotOffsetW];
  assign o_base      = cmd_i[squat_spec_pkg::GemmOBaseLsb +: squat_spec_pkg::GemmOBaseW];
  assign o_stride    = cmd_i[squat_spec_pkg::GemmOStrideLsb +: squat_spec_pkg::GemmOStrideW];
  assign o_ks        = cmd_i[squat_spec_pkg::GemmOKsLsb +: squat_spec_pkg::GemmOKsW];
  assign o_column    = cmd_i[squat_spec_pkg::GemmOColumnLsb +: squat_spec_pkg::GemmOColumnW];
  assign dst         = cmd_i[squat_spec_pkg::GemmDstLsb +: squat_spec_pkg::GemmDstW];
  assign dst_stride  = cmd_i[squat_spec_pkg::GemmDstStrideLsb +: squat_spec_pkg::GemmDstStrideW];
  assign q_table_o   = cmd_i[squat_spec_pkg::GemmOutTableLsb];
  assign q_token_o   = beat_token_i;

  assign bias_en_o   = beat_valid_i && beat_ready_o && cmd_i[squat_spec_pkg::GemmBiasLsb];
  assign bias_addr_o = cmd_i[squat_spec_pkg::GemmBiasBaseLsb +: squat_spec_pkg::GemmBiasBaseW] + beat_unit_i[9:0];

  logic rope, linear;  // linear: one address per token and block
  assign rope   = post == squat_spec_pkg::PostRope;
  assign linear = post == squat_spec_pkg::PostResidual || post == squat_spec_pkg::PostRaw || post == squat_spec_pkg::PostLogits;

  // Lookup stage: the value whose band counts is the dimension within the head for RoPE, else the output column.
  logic [12:0] channel, dimension, head, value, in_band, base_column;
  logic [14:0] ks2, ks3;
  logic [1:0]  band;
  logic [7:0]  slot;
  assign channel   = {beat_unit_i[8:0], 4'd0};
  assign head      = channel >> log2_hd;
  assign dimension = channel & ((13'd1 << log2_hd) - 13'd1);
  assign value     = rope ? dimension : o_column + (post == squat_spec_pkg::PostGated ? {1'b0, channel[12:1]} : channel);
  assign ks2       = {1'b0, o_ks, 1'b0};
  assign ks3       = ks2 + {2'b0, o_ks};
  assign band      = o_ks == 13'd0 ? 2'd0 : {2'b0, value} >= ks3 ? 2'd3 : {2'b0, value} >= ks2 ? 2'd2 : {1'b0, value >= o_ks};
  assign in_band   = value - 13'(band[1] ? (band[0] ? ks3 : ks2) : (band[0] ? {2'b0, o_ks} : 15'd0));
  // Heads of a RoPE output follow each other: in a banded region by o_ks columns each.
  assign base_column = !rope ? 13'd0 : o_ks == 13'd0 ? o_column + (channel - dimension) : o_column + 13'(8'(head) * o_ks);
  assign slot        = o_ks != 13'd0 ? {4'd0, band, beat_token_i[1:0]} : rope ? {1'b0, beat_token_i} + {4'd0, slot_offset} : q_slot_i;

  // Issue stage.
  logic        valid_q, null_q, end_q;
  logic [31:0] row_start_q;
  logic [16:0] unit_q;
  logic [12:0] column_q;
  logic [7:0]  slot_q;
  logic        issue, leave, gap_q;
  assign issue        = valid_q && !null_q && room_i && (!vs_rd_valid_o || vs_rd_ready_i) && !(gap_q && last_o);
  assign leave        = issue || (valid_q && null_q);
  assign beat_ready_o = !valid_q || leave;
  assign idle_o       = !valid_q;

  always_ff @(posedge clk_i) begin
    if (beat_valid_i && beat_ready_o) begin
      null_q        <= beat_null_i;
      end_q         <= beat_end_i;
      acc_rd_bank_o <= beat_bank_i;
      acc_rd_row_o  <= beat_row_i;
      acc_rd_block_o <= beat_block_i;
      acc_rd_half_o <= beat_half_i;
      acc_rd_pair_o <= beat_pair_i;
      first_o       <= beat_first_i;
      last_o        <= beat_last_i;
      shift_o       <= beat_shift_i;
      eight_o       <= q_eight_i;
      unit_q        <= beat_unit_i;
      slot_q        <= slot;
      column_q      <= base_column + in_band;
      rope_addr_o   <= 10'({3'd0, beat_token_i} << (log2_hd - 3'd4)) + {6'd0, dimension[7:4]};
      row_start_q   <= (post == squat_spec_pkg::PostLogits ? dst : {16'd0, o_base})
                       + 32'({25'd0, beat_token_i} * (post == squat_spec_pkg::PostLogits ? dst_stride : {19'd0, o_stride}));
    end
    gap_q       <= rst_ni && issue && last_o && post == squat_spec_pkg::PostGelu;
    bank_free_o <= (rst_ni && leave && end_q) ? {acc_rd_bank_o, !acc_rd_bank_o} : 2'b00;
    if (!rst_ni) valid_q <= 1'b0;
    else if (beat_ready_o) valid_q <= beat_valid_i;
  end

  logic [31:0] row_address;
  logic [14:0] code_address;
  assign row_address   = row_start_q + (post == squat_spec_pkg::PostLogits ? {13'd0, unit_q, 2'b00} : {15'd0, unit_q});
  assign code_address  = o_base[14:0] + 15'(slot_q[7:5] * o_stride) + {2'b00, column_q};
  assign meta_o        = linear ? row_address : {12'd0, slot_q[4], slot_q[3:0] + column_q[3:0], code_address};
  assign meta_push_o   = issue && last_o;
  assign vs_rd_valid_o = valid_q && !null_q && last_o && room_i && post == squat_spec_pkg::PostResidual;
  assign vs_rd_addr_o  = row_address[13:0];
  assign acc_rd_en_o   = issue;

  // Other fields of the command, and matrices wider than 8192 channels, which only logits have.
  logic unused_bits;
  assign unused_bits = ^{cmd_i, dimension[3:0], head[12:8]};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && beat_valid_i && !beat_null_i && !linear) begin
      assert (beat_unit_i[16:9] == 8'd0) else $error("squat_post_addr: more than 8192 columns");
      assert (o_ks == 13'd0 || beat_token_i < 7'd4) else $error("squat_post_addr: banded output of more than 4 tokens");
      assert (o_ks[3:0] == 4'd0) else $error("squat_post_addr: slice not a multiple of 16");
      assert (!rope || log2_hd >= 3'd5) else $error("squat_post_addr: head_dim below 32");
    end
  end
`endif
endmodule
