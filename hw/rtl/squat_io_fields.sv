// SPDX-License-Identifier: Apache-2.0
// Fields of the io unit's commands, and whether they are in range. Fields at one position in several commands share an output.
// Latency: fields 0, load_beats_o 1 cycle after multiply_i (one pulse with a stable command), ok_o with load_beats_o.
module squat_io_fields #(
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic         clk_i,
  input  logic [511:0] cmd_i,
  input  logic         multiply_i,
  output logic         is_residual_o,
  output logic         is_params_o,
  output logic         is_k_o,
  output logic         is_v_o,
  output logic [7:0]   tokens_o,
  output logic [7:0]   words_o,
  output logic [13:0]  x_base_o,
  output logic [7:0]   x_stride_o,
  output logic [16:0]  m0_o,
  output logic [5:0]   s0_o,
  output logic [31:0]  ddr_o,
  output logic         add_o,         // load_residual
  output logic         checked_o,     // load_residual, load_params
  output logic [31:0]  crc_o,
  output logic [1:0]   buffer_o,      // load_params
  output logic [9:0]   word_o,
  output logic [15:0]  first_position_o,
  output logic [6:0]   kv_heads_o,
  output logic [14:0]  a_base_o,
  output logic [12:0]  a_stride_o,
  output logic [2:0]   log2_head_dim_o,
  output logic [31:0]  head_stride_o,
  output logic [31:0]  tile_stride_o,
  output logic         q_table_o,
  output logic [15:0]  load_beats_o,  // beats of the read range of load_residual and load_params
  output logic         ok_o
);
  // Parameter contract
  // VsramDepth <= 16384, AsramDepth <= 32768, BiasDepth <= 1024: the address widths; the commands agree on the positions of shared fields.
  if (VsramDepth > 16384 || AsramDepth > 32768 || BiasDepth > 1024) begin : g_bad_parameters
    $error("squat_io_fields: memory deeper than its address");
  end
  if (squat_spec_pkg::LoadResidualTokensLsb != squat_spec_pkg::AppendKTokensLsb || squat_spec_pkg::AppendVTokensLsb != squat_spec_pkg::AppendKTokensLsb ||
      squat_spec_pkg::AppendVFirstPositionLsb != squat_spec_pkg::AppendKFirstPositionLsb ||
      squat_spec_pkg::AppendVKvHeadsLsb != squat_spec_pkg::AppendKKvHeadsLsb || squat_spec_pkg::AppendVXBaseLsb != squat_spec_pkg::LoadResidualXBaseLsb ||
      squat_spec_pkg::AppendVXStrideLsb != squat_spec_pkg::LoadResidualXStrideLsb || squat_spec_pkg::AppendVM0Lsb != squat_spec_pkg::LoadResidualM0Lsb ||
      squat_spec_pkg::AppendVS0Lsb != squat_spec_pkg::LoadResidualS0Lsb || squat_spec_pkg::LoadParamsSrcLsb != squat_spec_pkg::LoadResidualSrcLsb ||
      squat_spec_pkg::LoadParamsCrcLsb != squat_spec_pkg::LoadResidualCrcLsb || squat_spec_pkg::LoadParamsCheckedLsb != squat_spec_pkg::LoadResidualCheckedLsb ||
      squat_spec_pkg::AppendKDstLsb != squat_spec_pkg::LoadResidualSrcLsb || squat_spec_pkg::AppendVDstLsb != squat_spec_pkg::LoadResidualSrcLsb ||
      squat_spec_pkg::AppendVHeadStrideLsb != squat_spec_pkg::AppendKHeadStrideLsb ||
      squat_spec_pkg::AppendVLog2HeadDimLsb != squat_spec_pkg::AppendKLog2HeadDimLsb) begin : g_bad_fields
    $error("squat_io: the commands of this unit no longer share field positions");
  end

  localparam logic [11:0] GainWords = 12'd128;
  localparam logic [11:0] StepWords = 12'd4;

  logic [7:0]  opcode, last_slot;
  logic [14:0] count;
  logic [11:0] param_end_q, param_words;
  logic [15:0] rows_q, k_rows_q, load_beats_q, x_end;
  logic [13:0] channels_q;
  logic [17:0] a_end;
  logic        tokens_ok, heads_ok, shift_ok, unused_ok;

  assign opcode           = cmd_i[squat_spec_pkg::CmdOpcodeLsb +: squat_spec_pkg::CmdOpcodeW];
  assign tokens_o         = cmd_i[squat_spec_pkg::LoadResidualTokensLsb +: squat_spec_pkg::LoadResidualTokensW];
  assign words_o          = cmd_i[squat_spec_pkg::LoadResidualWordsLsb +: squat_spec_pkg::LoadResidualWordsW];
  assign x_base_o         = cmd_i[squat_spec_pkg::LoadResidualXBaseLsb +: squat_spec_pkg::LoadResidualXBaseW];
  assign x_stride_o       = cmd_i[squat_spec_pkg::LoadResidualXStrideLsb +: squat_spec_pkg::LoadResidualXStrideW];
  assign m0_o             = cmd_i[squat_spec_pkg::LoadResidualM0Lsb +: squat_spec_pkg::LoadResidualM0W];
  assign s0_o             = cmd_i[squat_spec_pkg::LoadResidualS0Lsb +: squat_spec_pkg::LoadResidualS0W];
  assign ddr_o            = cmd_i[squat_spec_pkg::LoadResidualSrcLsb +: squat_spec_pkg::LoadResidualSrcW];
  assign add_o            = cmd_i[squat_spec_pkg::LoadResidualAddLsb];
  assign checked_o        = cmd_i[squat_spec_pkg::LoadParamsCheckedLsb];
  assign crc_o            = cmd_i[squat_spec_pkg::LoadParamsCrcLsb +: squat_spec_pkg::LoadParamsCrcW];
  assign buffer_o         = cmd_i[squat_spec_pkg::LoadParamsBufferLsb +: squat_spec_pkg::LoadParamsBufferW];
  assign word_o           = cmd_i[squat_spec_pkg::LoadParamsWordLsb +: squat_spec_pkg::LoadParamsWordW];
  assign count            = cmd_i[squat_spec_pkg::LoadParamsCountLsb +: squat_spec_pkg::LoadParamsCountW];
  assign first_position_o = cmd_i[squat_spec_pkg::AppendKFirstPositionLsb +: squat_spec_pkg::AppendKFirstPositionW];
  assign kv_heads_o       = cmd_i[squat_spec_pkg::AppendKKvHeadsLsb +: squat_spec_pkg::AppendKKvHeadsW];
  assign a_base_o         = cmd_i[squat_spec_pkg::AppendKABaseLsb +: squat_spec_pkg::AppendKABaseW];
  assign a_stride_o       = cmd_i[squat_spec_pkg::AppendKAStrideLsb +: squat_spec_pkg::AppendKAStrideW];
  assign log2_head_dim_o  = cmd_i[squat_spec_pkg::AppendKLog2HeadDimLsb +: squat_spec_pkg::AppendKLog2HeadDimW];
  assign head_stride_o    = cmd_i[squat_spec_pkg::AppendKHeadStrideLsb +: squat_spec_pkg::AppendKHeadStrideW];
  assign tile_stride_o    = cmd_i[squat_spec_pkg::AppendVTileStrideLsb +: squat_spec_pkg::AppendVTileStrideW];
  assign is_residual_o    = opcode == squat_spec_pkg::OpLoadResidual;
  assign is_params_o      = opcode == squat_spec_pkg::OpLoadParams;
  assign is_k_o           = opcode == squat_spec_pkg::OpAppendK;
  assign is_v_o           = opcode == squat_spec_pkg::OpAppendV;
  assign q_table_o        = cmd_i[squat_spec_pkg::AppendVOutTableLsb];
  assign load_beats_o     = load_beats_q;
  assign unused_ok        = ^{cmd_i, last_slot};

  always_ff @(posedge clk_i) begin
    if (multiply_i) begin
      rows_q       <= (16'(tokens_o) - 16'd1) * 16'(x_stride_o);
      k_rows_q     <= 16'(last_slot[7:5]) * 16'(a_stride_o);
      channels_q   <= 14'(kv_heads_o) << log2_head_dim_o;
      load_beats_q <= is_residual_o ? 16'(tokens_o) * 16'(words_o) : 16'(count[14:2]);
      param_end_q  <= 12'(word_o) + 12'((16'(count) + 16'd15) >> 4);
    end
  end

  // Last word and last address the command touches, plus 1.
  assign last_slot = 8'(first_position_o[3:0]) + tokens_o - 8'd1;
  assign x_end     = 16'(x_base_o) + rows_q + (is_v_o ? 16'(channels_q[13:4]) : 16'(words_o));
  assign a_end     = 18'(a_base_o) + 18'(k_rows_q) + 18'(channels_q);
  assign param_words = buffer_o == squat_spec_pkg::BufferBias ? 12'(BiasDepth) : buffer_o == squat_spec_pkg::BufferRope ? StepWords : GainWords;
  assign tokens_ok = tokens_o != '0 && tokens_o <= 8'd128;
  assign heads_ok  = kv_heads_o != '0 && log2_head_dim_o >= 3'd5;
  assign shift_ok  = s0_o != '0 && s0_o <= 6'd46;

  always_comb begin
    ok_o = 1'b0;
    if (is_residual_o) ok_o = tokens_ok && shift_ok && words_o != '0 && x_end <= 16'(VsramDepth);
    if (is_params_o) ok_o = count != '0 && count[1:0] == 2'd0 && param_end_q <= param_words;
    if (is_k_o) ok_o = tokens_ok && heads_ok && a_end <= 18'(AsramDepth);
    if (is_v_o) ok_o = tokens_ok && heads_ok && shift_ok && x_end <= 16'(VsramDepth);
  end

`ifdef VERILATOR
  always_comb assert (32'(is_residual_o) + 32'(is_params_o) + 32'(is_k_o) + 32'(is_v_o) <= 32'd1);
`endif
endmodule
