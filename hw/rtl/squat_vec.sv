// SPDX-License-Identifier: Apache-2.0
// Vector unit: takes norm, softmax, tclm and rope_table commands, one at a time. Norm and softmax share the row reader and the
// output stage.
// Handshake: command port, done_o and err_* as in docs/develop/accelerator.md; done_o comes when the last write has been
// accepted. A command with a field outside its range ends with an error pulse (bad_parameter; bad_command for a foreign opcode)
// and without effect.
// Overhead of a command: 3 cycles from accepted to the start of the operation, 2 from its end to done_o.
module squat_vec (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         cmd_valid_i,
  input  logic [511:0] cmd_i,
  output logic         cmd_ready_o,
  output logic         done_o,
  output logic         err_valid_o,
  output logic [7:0]   err_code_o,
  // squat_vsram read client.
  output logic         vs_rd_valid_o,
  output logic [13:0]  vs_rd_addr_o,
  input  logic         vs_rd_ready_i,
  input  logic         vs_rd_rvalid_i,
  input  logic [511:0] vs_rd_data_i,
  // squat_asram write client.
  output logic         as_wr_valid_o,
  output logic         as_wr_half_o,
  output logic [14:0]  as_wr_addr_o,
  output logic [3:0]   as_wr_rot_o,
  output logic [127:0] as_wr_data_o,
  output logic [15:0]  as_wr_mask_o,
  input  logic         as_wr_ready_i,
  // squat_token_tables: query and write port.
  output logic         q_table_o,
  output logic [6:0]   q_token_o,
  input  logic [7:0]   q_slot_i,
  input  logic         q_eight_i,
  output logic         tt_wr_start_o,
  output logic         tt_wr_table_o,
  output logic [7:0]   tt_wr_count_o,
  output logic [7:0]   tt_wr_n8_o,
  output logic         tt_wr_valid_o,
  output logic [6:0]   tt_wr_token_o,
  output logic [7:0]   tt_wr_slot_o,
  output logic         tt_wr_eight_o,
  // squat_param_buffer.
  output logic         gain_en_o,
  output logic         beta_en_o,
  output logic [6:0]   gain_addr_o,
  input  logic [287:0] gain_data_i,
  input  logic [383:0] beta_data_i,
  output logic         step_en_o,
  output logic [1:0]   step_addr_o,
  input  logic [511:0] step_data_i,
  // squat_rope_buffer.
  output logic         rope_wr_valid_o,
  output logic [9:0]   rope_wr_addr_o,
  output logic [2:0]   rope_wr_lane_o,
  output logic [31:0]  rope_wr_data_o,
  // Width report.
  output logic         rep_valid_o,
  output logic [5:0]   rep_layer_o,
  output logic [15:0]  rep_total_o,
  output logic [7:0]   rep_eight_o,
  output logic [7:0]   rep_four_o
);
  // ---- Command and its fields, registered when it is accepted.
  typedef enum logic [2:0] {StIdle, StCheck, StStart, StRun, StDone} state_e;
  state_e state_q;
  logic [7:0]  opcode;
  logic        is_norm_q, is_softmax_q, is_tclm_q, is_rope_q;
  logic        out_table_q, grouped_q, gain_bank_q, centred_q, first_head_q, count_q;
  logic [2:0]  rule_q, log2_head_dim_q;
  logic [5:0]  norm_shift_q, mean_s_q, scale_s_q, layer_q;
  logic [7:0]  tokens_q, first_token_q, norm_words_q, stride_q, out_words_q;
  logic [10:0] rho_num_q;
  logic [12:0] out_stride_q, out_ks_q;
  logic [13:0] base_q, eps_high_q;
  logic [14:0] out_base_q;
  logic [15:0] first_position_q, eight_before_q;
  logic [16:0] mean_m_q, scale_m_q;
  logic [31:0] eps_low_q, threshold_q, seed_q;
  assign opcode = cmd_i[squat_spec_pkg::CmdOpcodeLsb +: squat_spec_pkg::CmdOpcodeW];

  always_ff @(posedge clk_i) begin
    if (cmd_valid_i && cmd_ready_o) begin
      is_norm_q    <= opcode == squat_spec_pkg::OpNorm;
      is_softmax_q <= opcode == squat_spec_pkg::OpSoftmax;
      is_tclm_q    <= opcode == squat_spec_pkg::OpTclm;
      is_rope_q    <= opcode == squat_spec_pkg::OpRopeTable;
      tokens_q         <= cmd_i[squat_spec_pkg::NormTokensLsb +: 8];  // all four commands
      first_token_q    <= cmd_i[squat_spec_pkg::NormFirstTokenLsb +: 8];
      first_position_q <= cmd_i[squat_spec_pkg::SoftmaxFirstPositionLsb +: 16];  // softmax, tclm, rope_table
      out_table_q      <= cmd_i[squat_spec_pkg::NormOutTableLsb];  // norm, tclm
      grouped_q        <= cmd_i[squat_spec_pkg::NormGroupedLsb];
      gain_bank_q      <= cmd_i[squat_spec_pkg::NormGainBankLsb];
      centred_q        <= cmd_i[squat_spec_pkg::NormCentredLsb];
      mean_m_q         <= cmd_i[squat_spec_pkg::NormM0Lsb +: 17];
      mean_s_q         <= cmd_i[squat_spec_pkg::NormS0Lsb +: 6];
      norm_words_q     <= cmd_i[squat_spec_pkg::NormWordsLsb +: 8];
      norm_shift_q     <= cmd_i[squat_spec_pkg::NormShiftLsb +: 6];
      base_q           <= cmd_i[squat_spec_pkg::NormXBaseLsb +: 14];  // x_base, s_base
      stride_q         <= cmd_i[squat_spec_pkg::NormXStrideLsb +: 8];  // x_stride, s_stride
      eps_low_q        <= cmd_i[squat_spec_pkg::NormEpsLowLsb +: 32];
      eps_high_q       <= cmd_i[squat_spec_pkg::NormEpsHighLsb +: 14];
      out_base_q       <= cmd_i[squat_spec_pkg::NormOBaseLsb +: 15];  // norm, softmax
      out_stride_q     <= cmd_i[squat_spec_pkg::NormOStrideLsb +: 13];  // norm, softmax
      out_ks_q         <= cmd_i[squat_spec_pkg::NormOKsLsb +: 13];  // norm, softmax
      first_head_q     <= cmd_i[squat_spec_pkg::SoftmaxFirstHeadLsb];
      scale_m_q        <= cmd_i[squat_spec_pkg::SoftmaxM0Lsb +: 17];
      scale_s_q        <= cmd_i[squat_spec_pkg::SoftmaxS0Lsb +: 6];
      out_words_q      <= cmd_i[squat_spec_pkg::SoftmaxOWordsLsb +: 8];
      rule_q           <= cmd_i[squat_spec_pkg::TclmRuleLsb +: 3];
      count_q          <= cmd_i[squat_spec_pkg::TclmCountLsb];
      rho_num_q        <= cmd_i[squat_spec_pkg::TclmRhoNumLsb +: 11];
      layer_q          <= cmd_i[squat_spec_pkg::TclmLayerLsb +: 6];
      threshold_q      <= cmd_i[squat_spec_pkg::TclmThresholdLsb +: 32];
      seed_q           <= cmd_i[squat_spec_pkg::TclmSeedLsb +: 32];
      eight_before_q   <= cmd_i[squat_spec_pkg::TclmEightBeforeLsb +: 16];
      log2_head_dim_q  <= cmd_i[squat_spec_pkg::RopeTableLog2HeadDimLsb +: 3];
    end
  end

  // ---- Sequence, ranges.
  logic        start_norm, start_softmax, start_tclm, start_rope, running;
  logic        norm_busy, softmax_busy, tclm_busy, rope_busy, reader_busy, out_idle;
  logic [13:0] row_base_q;
  logic [10:0] row_keys0_q;
  logic [7:0]  error_q;
  logic        start;
  assign start         = state_q == StStart && error_q == squat_spec_pkg::ErrorNone;
  assign start_norm    = start && is_norm_q;
  assign start_softmax = start && is_softmax_q;
  assign start_tclm    = start && is_tclm_q;
  assign start_rope    = start && is_rope_q;
  assign running       = norm_busy || softmax_busy || tclm_busy || rope_busy || reader_busy || !out_idle;
  assign cmd_ready_o   = state_q == StIdle;
  assign done_o        = state_q == StDone;
  assign err_valid_o   = state_q == StStart && error_q != squat_spec_pkg::ErrorNone;
  assign err_code_o    = error_q;
  assign q_table_o     = out_table_q;
  assign tt_wr_table_o = out_table_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= StIdle;
    else begin
      case (state_q)
        StIdle:  if (cmd_valid_i) state_q <= StCheck;
        StCheck: state_q <= StStart;
        StStart: state_q <= error_q == squat_spec_pkg::ErrorNone ? StRun : StIdle;
        StRun:   if (!running) state_q <= StDone;
        default: state_q <= StIdle;
      endcase
    end
    if (state_q == StCheck) begin
      row_base_q  <= base_q + (is_norm_q ? 14'(16'(first_token_q) * 16'(stride_q)) : 14'd0);
      row_keys0_q <= is_norm_q ? {norm_words_q[6:0], 4'd0} : 11'(first_position_q) + 11'd1;
      if (!is_norm_q && !is_softmax_q && !is_tclm_q && !is_rope_q)
        error_q <= squat_spec_pkg::ErrorBadCommand;
      else if (tokens_q == 8'd0 || tokens_q > 8'd128)
        error_q <= squat_spec_pkg::ErrorBadParameter;
      else if (is_norm_q && (norm_words_q == 8'd0 || norm_words_q > 8'd64 || norm_shift_q == 6'd0 || out_ks_q[3:0] != 4'd0
                             || 9'(tokens_q) + 9'(first_token_q) > 9'd128))
        error_q <= squat_spec_pkg::ErrorBadParameter;
      else if (is_norm_q && centred_q && (norm_shift_q < 6'd9 || mean_s_q == 6'd0 || mean_s_q > 6'd46))
        error_q <= squat_spec_pkg::ErrorBadParameter;
      else if (is_softmax_q && (out_words_q == 8'd0 || out_words_q > 8'd64 || out_ks_q[3:0] != 4'd0
                                || 17'(first_position_q) + 17'(tokens_q) > {5'd0, out_words_q, 4'd0}))
        error_q <= squat_spec_pkg::ErrorBadParameter;
      else if ((is_tclm_q && rule_q == 3'd7) || (is_rope_q && log2_head_dim_q < 3'd5))
        error_q <= squat_spec_pkg::ErrorBadParameter;
      else
        error_q <= squat_spec_pkg::ErrorNone;
    end
  end

  // ---- Row reader, shared.
  logic         row_valid, row_sum_valid, norm_pop, softmax_pop, norm_line_en, softmax_line_en;
  logic [43:0]  row_sum;
  logic [31:0]  row_value;
  logic [10:0]  row_keys;
  logic [5:0]   norm_line_word, softmax_line_word;
  logic [511:0] line_data;
  squat_row_reader u_reader (
    .clk_i, .rst_ni, .start_i(start_norm || start_softmax), .base_i(row_base_q), .stride_i(stride_q), .rows_i(tokens_q),
    .keys_i(row_keys0_q), .keys_step_i(is_softmax_q), .abs_i(is_norm_q), .sum_en_i(is_norm_q && centred_q),
    .busy_o(reader_busy), .row_sum_valid_o(row_sum_valid), .row_sum_o(row_sum), .vs_rd_valid_o, .vs_rd_addr_o, .vs_rd_ready_i, .vs_rd_rvalid_i, .vs_rd_data_i, .row_valid_o(row_valid), .row_value_o(row_value), .row_keys_o(row_keys),
    .row_pop_i(norm_pop || softmax_pop), .line_en_i(norm_line_en || softmax_line_en),
    .line_word_i(is_norm_q ? norm_line_word : softmax_line_word), .line_data_o(line_data));

  // ---- The four operations.
  logic         norm_issue, softmax_issue, room, norm_out_valid, softmax_out_valid;
  logic [7:0]   norm_slot, softmax_slot;
  logic [5:0]   norm_word, softmax_word;
  logic [127:0] norm_data, softmax_data;
  logic         score_en;
  logic [6:0]   score_token;
  logic [31:0]  score;
  squat_norm u_norm (
    .clk_i, .rst_ni, .start_i(start_norm), .rows_i(tokens_q), .first_row_i(first_token_q), .words_i(norm_words_q[6:0]),
    .grouped_i(grouped_q), .banded_i(out_ks_q != 13'd0), .shift_i(norm_shift_q), .eps_i({eps_high_q, eps_low_q}),
    .gain_bank_i(gain_bank_q), .centred_i(centred_q), .mean_m_i(mean_m_q), .mean_s_i(mean_s_q), .busy_o(norm_busy),
    .row_valid_i(row_valid), .row_value_i(row_value), .row_sum_valid_i(row_sum_valid), .row_sum_i(row_sum), .row_pop_o(norm_pop),
    .line_en_o(norm_line_en), .line_word_o(norm_line_word), .line_data_i(line_data), .q_token_o, .q_slot_i, .q_eight_i,
    .gain_en_o, .beta_en_o, .gain_addr_o, .gain_data_i, .beta_data_i, .out_issue_o(norm_issue), .out_room_i(room), .out_valid_o(norm_out_valid),
    .out_slot_o(norm_slot), .out_word_o(norm_word), .out_data_o(norm_data));

  squat_softmax u_softmax (
    .clk_i, .rst_ni, .start_i(start_softmax), .rows_i(tokens_q), .first_head_i(first_head_q), .m_i(scale_m_q), .s_i(scale_s_q),
    .out_words_i(out_words_q[6:0]), .busy_o(softmax_busy), .row_valid_i(row_valid), .row_value_i(row_value),
    .row_keys_i(row_keys), .row_pop_o(softmax_pop), .line_en_o(softmax_line_en), .line_word_o(softmax_line_word),
    .line_data_i(line_data), .score_en_i(score_en), .score_token_i(score_token), .score_o(score), .out_issue_o(softmax_issue),
    .out_room_i(room), .out_valid_o(softmax_out_valid), .out_slot_o(softmax_slot), .out_word_o(softmax_word),
    .out_data_o(softmax_data));

  squat_vec_out u_out (
    .clk_i, .rst_ni, .base_i(out_base_q), .stride_i(out_stride_q), .ks_i(out_ks_q), .issue_i(norm_issue || softmax_issue),
    .room_o(room), .idle_o(out_idle), .valid_i(norm_out_valid || softmax_out_valid),
    .slot_i(is_norm_q ? norm_slot : softmax_slot), .word_i(is_norm_q ? norm_word : softmax_word),
    .data_i(is_norm_q ? norm_data : softmax_data), .wr_valid_o(as_wr_valid_o), .wr_half_o(as_wr_half_o),
    .wr_addr_o(as_wr_addr_o), .wr_rot_o(as_wr_rot_o), .wr_data_o(as_wr_data_o), .wr_mask_o(as_wr_mask_o),
    .wr_ready_i(as_wr_ready_i));

  squat_tclm u_tclm (
    .clk_i, .rst_ni, .start_i(start_tclm), .rule_i(rule_q), .count_i(count_q), .tokens_i(tokens_q),
    .first_position_i(first_position_q), .rho_num_i(rho_num_q), .layer_i(layer_q), .threshold_i(threshold_q), .seed_i(seed_q),
    .eight_before_i(eight_before_q), .busy_o(tclm_busy), .score_en_o(score_en), .score_token_o(score_token), .score_i(score),
    .tt_wr_start_o, .tt_wr_count_o, .tt_wr_n8_o, .tt_wr_valid_o, .tt_wr_token_o, .tt_wr_slot_o, .tt_wr_eight_o, .rep_valid_o,
    .rep_layer_o, .rep_total_o, .rep_eight_o, .rep_four_o);

  squat_rope_table u_rope (
    .clk_i, .rst_ni, .start_i(start_rope), .tokens_i(tokens_q), .first_position_i(first_position_q),
    .log2_head_dim_i(log2_head_dim_q), .busy_o(rope_busy), .step_en_o, .step_addr_o, .step_data_i, .rope_wr_valid_o,
    .rope_wr_addr_o, .rope_wr_lane_o, .rope_wr_data_o);

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   (vs_rd_valid_o && !vs_rd_ready_i) |=> vs_rd_valid_o && $stable(vs_rd_addr_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) (norm_busy + softmax_busy + tclm_busy + rope_busy) <= 1);
`endif
endmodule
