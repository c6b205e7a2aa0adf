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
  output logic [6:0]   gain_addr_o,
  input  logic [511:0] gain_data_i,
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
  // ---- Command and its fields.
  typedef enum logic [2:0] {StIdle, StCheck, StStart, StRun, StDone} state_e;
  state_e state_q;
  logic [511:0] cmd_q;

  logic [7:0]  opcode, tokens, first_token;
  logic [15:0] first_position;
  logic [7:0]  norm_words, out_words, stride;
  logic [5:0]  norm_shift;
  logic [45:0] norm_eps;
  logic [12:0] out_ks;
  assign opcode         = cmd_q[squat_spec_pkg::CmdOpcodeLsb +: squat_spec_pkg::CmdOpcodeW];
  // tokens lies at the same place in all four commands.
  assign tokens         = cmd_q[squat_spec_pkg::NormTokensLsb +: squat_spec_pkg::NormTokensW];
  assign first_token    = cmd_q[squat_spec_pkg::NormFirstTokenLsb +: squat_spec_pkg::NormFirstTokenW];
  assign first_position = cmd_q[squat_spec_pkg::SoftmaxFirstPositionLsb +: squat_spec_pkg::SoftmaxFirstPositionW];
  assign stride         = cmd_q[squat_spec_pkg::NormXStrideLsb +: squat_spec_pkg::NormXStrideW];  // s_stride of softmax
  assign norm_words     = cmd_q[squat_spec_pkg::NormWordsLsb +: squat_spec_pkg::NormWordsW];
  assign norm_shift     = cmd_q[squat_spec_pkg::NormShiftLsb +: squat_spec_pkg::NormShiftW];
  assign norm_eps       = {cmd_q[squat_spec_pkg::NormEpsHighLsb +: squat_spec_pkg::NormEpsHighW],
                           cmd_q[squat_spec_pkg::NormEpsLowLsb +: squat_spec_pkg::NormEpsLowW]};
  assign out_words      = cmd_q[squat_spec_pkg::SoftmaxOWordsLsb +: squat_spec_pkg::SoftmaxOWordsW];
  assign out_ks         = cmd_q[squat_spec_pkg::NormOKsLsb +: squat_spec_pkg::NormOKsW];  // norm and softmax
  assign q_table_o      = cmd_q[squat_spec_pkg::NormOutTableLsb];
  assign tt_wr_table_o  = cmd_q[squat_spec_pkg::TclmOutTableLsb];

  logic is_norm, is_softmax, is_tclm, is_rope;
  assign is_norm    = opcode == squat_spec_pkg::OpNorm;
  assign is_softmax = opcode == squat_spec_pkg::OpSoftmax;
  assign is_tclm    = opcode == squat_spec_pkg::OpTclm;
  assign is_rope    = opcode == squat_spec_pkg::OpRopeTable;

  // ---- Ranges.
  logic        bad_tokens, bad_norm, bad_softmax, bad_tclm, bad_rope, bad_ks;
  logic [2:0]  rule, log2_head_dim;
  logic [16:0] keys_end;
  logic [7:0]  error;
  assign rule          = cmd_q[squat_spec_pkg::TclmRuleLsb +: squat_spec_pkg::TclmRuleW];
  assign log2_head_dim = cmd_q[squat_spec_pkg::RopeTableLog2HeadDimLsb +: squat_spec_pkg::RopeTableLog2HeadDimW];
  assign keys_end      = {1'b0, first_position} + 17'(tokens);
  assign bad_tokens    = tokens == 8'd0 || tokens > 8'd128;
  assign bad_ks        = out_ks[3:0] != 4'd0;
  assign bad_norm      = norm_words == 8'd0 || norm_words > 8'd64 || norm_shift == 6'd0
                       || bad_ks || 9'(tokens) + 9'(first_token) > 9'd128;
  assign bad_softmax   = out_words == 8'd0 || out_words > 8'd64 || bad_ks || keys_end > {5'd0, out_words, 4'd0};
  assign bad_tclm      = rule == 3'd7;
  assign bad_rope      = log2_head_dim < 3'd5;

  always_comb begin
    if (!is_norm && !is_softmax && !is_tclm && !is_rope) error = squat_spec_pkg::ErrorBadCommand;
    else if (bad_tokens || (is_norm && bad_norm) || (is_softmax && bad_softmax)) error = squat_spec_pkg::ErrorBadParameter;
    else if ((is_tclm && bad_tclm) || (is_rope && bad_rope)) error = squat_spec_pkg::ErrorBadParameter;
    else error = squat_spec_pkg::ErrorNone;
  end

  // ---- Sequence.
  logic        start_norm, start_softmax, start_tclm, start_rope, running;
  logic        norm_busy, softmax_busy, tclm_busy, rope_busy, reader_busy, out_idle;
  logic [13:0] base_q;
  logic [10:0] keys_q;
  logic [7:0]  error_q;
  assign start_norm    = state_q == StStart && is_norm;
  assign start_softmax = state_q == StStart && is_softmax;
  assign start_tclm    = state_q == StStart && is_tclm;
  assign start_rope    = state_q == StStart && is_rope;
  assign running       = norm_busy || softmax_busy || tclm_busy || rope_busy || reader_busy || !out_idle;
  assign cmd_ready_o   = state_q == StIdle;
  assign done_o        = state_q == StDone;
  assign err_valid_o   = state_q == StStart && error_q != squat_spec_pkg::ErrorNone;
  assign err_code_o    = error_q;

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
    if (state_q == StIdle && cmd_valid_i) cmd_q <= cmd_i;
    if (state_q == StCheck) begin
      error_q <= error;
      base_q  <= cmd_q[squat_spec_pkg::NormXBaseLsb +: squat_spec_pkg::NormXBaseW]  // s_base of softmax
               + (is_norm ? 14'(16'(first_token) * 16'(stride)) : 14'd0);
      keys_q  <= is_norm ? {norm_words[6:0], 4'd0} : 11'(first_position) + 11'd1;
    end
  end

  // ---- Row reader, shared.
  logic         row_valid, norm_pop, softmax_pop, norm_line_en, softmax_line_en;
  logic [31:0]  row_value;
  logic [10:0]  row_keys;
  logic [5:0]   norm_line_word, softmax_line_word;
  logic [511:0] line_data;
  logic         start_ok;
  assign start_ok = error_q == squat_spec_pkg::ErrorNone;
  squat_row_reader u_reader (
    .clk_i, .rst_ni, .start_i((start_norm || start_softmax) && start_ok), .base_i(base_q),
    .stride_i(stride), .rows_i(tokens), .keys_i(keys_q),
    .keys_step_i(is_softmax), .abs_i(is_norm), .busy_o(reader_busy), .vs_rd_valid_o, .vs_rd_addr_o, .vs_rd_ready_i,
    .vs_rd_rvalid_i, .vs_rd_data_i, .row_valid_o(row_valid), .row_value_o(row_value), .row_keys_o(row_keys),
    .row_pop_i(norm_pop || softmax_pop), .line_en_i(norm_line_en || softmax_line_en),
    .line_word_i(is_norm ? norm_line_word : softmax_line_word), .line_data_o(line_data));

  // ---- The four operations.
  logic         norm_issue, softmax_issue, room, norm_out_valid, softmax_out_valid;
  logic [7:0]   norm_slot, softmax_slot;
  logic [5:0]   norm_word, softmax_word;
  logic [127:0] norm_data, softmax_data;
  logic         score_en;
  logic [6:0]   score_token;
  logic [31:0]  score;
  squat_norm u_norm (
    .clk_i, .rst_ni, .start_i(start_norm && start_ok), .rows_i(tokens), .first_row_i(first_token), .words_i(norm_words[6:0]),
    .grouped_i(cmd_q[squat_spec_pkg::NormGroupedLsb]), .banded_i(out_ks != 13'd0), .shift_i(norm_shift), .eps_i(norm_eps),
    .gain_bank_i(cmd_q[squat_spec_pkg::NormGainBankLsb]), .busy_o(norm_busy), .row_valid_i(row_valid), .row_value_i(row_value),
    .row_pop_o(norm_pop), .line_en_o(norm_line_en), .line_word_o(norm_line_word), .line_data_i(line_data), .q_token_o,
    .q_slot_i, .q_eight_i, .gain_en_o, .gain_addr_o, .gain_data_i, .out_issue_o(norm_issue), .out_room_i(room),
    .out_valid_o(norm_out_valid), .out_slot_o(norm_slot), .out_word_o(norm_word), .out_data_o(norm_data));

  squat_softmax u_softmax (
    .clk_i, .rst_ni, .start_i(start_softmax && start_ok), .rows_i(tokens),
    .first_head_i(cmd_q[squat_spec_pkg::SoftmaxFirstHeadLsb]),
    .m_i(cmd_q[squat_spec_pkg::SoftmaxM0Lsb +: squat_spec_pkg::SoftmaxM0W]),
    .s_i(cmd_q[squat_spec_pkg::SoftmaxS0Lsb +: squat_spec_pkg::SoftmaxS0W]), .out_words_i(out_words[6:0]),
    .busy_o(softmax_busy), .row_valid_i(row_valid), .row_value_i(row_value), .row_keys_i(row_keys), .row_pop_o(softmax_pop),
    .line_en_o(softmax_line_en), .line_word_o(softmax_line_word), .line_data_i(line_data), .score_en_i(score_en),
    .score_token_i(score_token), .score_o(score), .out_issue_o(softmax_issue), .out_room_i(room),
    .out_valid_o(softmax_out_valid), .out_slot_o(softmax_slot), .out_word_o(softmax_word), .out_data_o(softmax_data));

  squat_vec_out u_out (
    .clk_i, .rst_ni, .base_i(15'(cmd_q[squat_spec_pkg::NormOBaseLsb +: squat_spec_pkg::NormOBaseW])),
    .stride_i(cmd_q[squat_spec_pkg::NormOStrideLsb +: squat_spec_pkg::NormOStrideW]), .ks_i(out_ks),
    .issue_i(norm_issue || softmax_issue), .room_o(room), .idle_o(out_idle), .valid_i(norm_out_valid || softmax_out_valid),
    .slot_i(is_norm ? norm_slot : softmax_slot), .word_i(is_norm ? norm_word : softmax_word),
    .data_i(is_norm ? norm_data : softmax_data), .wr_valid_o(as_wr_valid_o), .wr_half_o(as_wr_half_o), .wr_addr_o(as_wr_addr_o),
    .wr_rot_o(as_wr_rot_o), .wr_data_o(as_wr_data_o), .wr_mask_o(as_wr_mask_o), .wr_ready_i(as_wr_ready_i));

  squat_tclm u_tclm (
    .clk_i, .rst_ni, .start_i(start_tclm && start_ok), .rule_i(rule), .count_i(cmd_q[squat_spec_pkg::TclmCountLsb]),
    .tokens_i(tokens), .first_position_i(first_position),
    .rho_num_i(cmd_q[squat_spec_pkg::TclmRhoNumLsb +: squat_spec_pkg::TclmRhoNumW]),
    .layer_i(cmd_q[squat_spec_pkg::TclmLayerLsb +: squat_spec_pkg::TclmLayerW]),
    .threshold_i(cmd_q[squat_spec_pkg::TclmThresholdLsb +: squat_spec_pkg::TclmThresholdW]),
    .seed_i(cmd_q[squat_spec_pkg::TclmSeedLsb +: squat_spec_pkg::TclmSeedW]),
    .eight_before_i(cmd_q[squat_spec_pkg::TclmEightBeforeLsb +: squat_spec_pkg::TclmEightBeforeW]), .busy_o(tclm_busy),
    .score_en_o(score_en), .score_token_o(score_token), .score_i(score), .tt_wr_start_o, .tt_wr_count_o, .tt_wr_n8_o,
    .tt_wr_valid_o, .tt_wr_token_o, .tt_wr_slot_o, .tt_wr_eight_o, .rep_valid_o, .rep_layer_o, .rep_total_o, .rep_eight_o,
    .rep_four_o);

  squat_rope_table u_rope (
    .clk_i, .rst_ni, .start_i(start_rope && start_ok), .tokens_i(tokens), .first_position_i(first_position),
    .log2_head_dim_i(log2_head_dim), .busy_o(rope_busy), .step_en_o, .step_addr_o, .step_data_i, .rope_wr_valid_o,
    .rope_wr_addr_o, .rope_wr_lane_o, .rope_wr_data_o);

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   (vs_rd_valid_o && !vs_rd_ready_i) |=> vs_rd_valid_o && $stable(vs_rd_addr_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) (norm_busy + softmax_busy + tclm_busy + rope_busy) <= 1);
`endif
endmodule
