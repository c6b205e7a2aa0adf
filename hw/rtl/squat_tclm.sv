// SPDX-License-Identifier: Apache-2.0
// Token control: decides the width of every token of the pass by one of seven rules and builds a width table (8-bit tokens in
// slots 0, 1, ..., 4-bit tokens from the next multiple of 16 on).
// Phases: seed (2 cycles) and load (tokens + 8 cycles: scores -> keys; the budget controller decides here, one token per
// cycle), rank (about tokens^2/16 cycles, sequence, random, reversed and prefix at first_position 0), table (tokens + 2
// cycles). All 8 and all 4: table only.
// Handshake: start_i pulses while busy_o is low; the configuration is stable until busy_o falls. Score read: data 1 cycle after
// score_en_o. tt_wr_*: write port of squat_token_tables, start with count and n8, then one token per cycle. rep_valid_o: one
// pulse in the last cycle when count_i.
// Golden twin: hls::assign_widths, hls::group_tokens.
module squat_tclm (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [2:0]  rule_i,
  input  logic        count_i,
  input  logic [7:0]  tokens_i,
  input  logic [15:0] first_position_i,
  input  logic [10:0] rho_num_i,
  input  logic [5:0]  layer_i,
  input  logic [31:0] threshold_i,
  input  logic [31:0] seed_i,
  input  logic [15:0] eight_before_i,
  output logic        busy_o,
  output logic        score_en_o,
  output logic [6:0]  score_token_o,
  input  logic [31:0] score_i,
  output logic        tt_wr_start_o,
  output logic [7:0]  tt_wr_count_o,
  output logic [7:0]  tt_wr_n8_o,
  output logic        tt_wr_valid_o,
  output logic [6:0]  tt_wr_token_o,
  output logic [7:0]  tt_wr_slot_o,
  output logic        tt_wr_eight_o,
  output logic        rep_valid_o,
  output logic [5:0]  rep_layer_o,
  output logic [15:0] rep_total_o,
  output logic [7:0]  rep_eight_o,
  output logic [7:0]  rep_four_o
);
  // Codes of hls::WidthRule.
  localparam logic [2:0] RuleAll8 = 3'd0, RuleAll4 = 3'd1, RuleBudget = 3'd3, RuleRandom = 3'd5, RuleReversed = 3'd6;
  localparam logic signed [18:0] BudgetSlack = 19'sd1;  // hls::kBudgetSlack

  typedef enum logic [2:0] {StIdle, StSeed, StLoad, StRank, StStart, StTable, StDone} state_e;
  state_e state_q;

  logic uniform, ranked;
  assign uniform = rule_i == RuleAll8 || rule_i == RuleAll4;
  assign ranked  = !uniform && rule_i != RuleBudget && first_position_i == 16'd0;

  // ---- Load: scores through squat_width_key.
  logic [31:0] base_q;
  logic [7:0]  sent_q, got_q;
  logic        seeded_q, read_q, key_valid, want;
  logic [16:0] position_q;
  logic [31:0] key;
  logic [17:0] target;
  assign score_en_o    = state_q == StLoad && sent_q != tokens_i;
  assign score_token_o = sent_q[6:0];

  squat_width_key u_key (
    .clk_i, .rst_ni, .reversed_i(rule_i == RuleReversed), .random_i(rule_i == RuleRandom), .base_i(base_q), .threshold_i,
    .rho_num_i, .valid_i(read_q), .score_i, .position_i(position_q), .valid_o(key_valid), .key_o(key), .want_o(want),
    .target_o(target));

  // Budget controller: 1024*(c + 1) <= rho*(i + 1) +- 1024*slack is c + 1 <= target +- slack.
  logic signed [18:0] used;
  logic [16:0]        total_q;  // 8-bit tokens so far in the layer
  logic               budget_eight;
  assign used         = $signed({2'b00, total_q}) + 19'sd1;
  assign budget_eight = (want && used <= $signed({1'b0, target}) + BudgetSlack) || used <= $signed({1'b0, target}) - BudgetSlack
                      || (got_q == 8'd0 && first_position_i == 16'd0);

  // ---- Rank.
  logic load_last, rank_start, rank_valid, rank_eight, rank_last;
  assign load_last = key_valid && got_q + 8'd1 == tokens_i;
  squat_width_rank u_rank (
    .clk_i, .rst_ni, .wr_valid_i(key_valid && ranked), .wr_token_i(got_q[6:0]), .wr_key_i(key), .start_i(rank_start),
    .prefix_i(rule_i == 3'd4), .tokens_i, .rho_num_i, .valid_o(rank_valid), .eight_o(rank_eight), .last_o(rank_last));

  // ---- Decisions, in token order, into eight_q; n8_q counts them.
  logic [127:0] eight_q;
  logic [7:0]   n8_q, next8_q, next4_q, token_q;
  logic [6:0]   decided_q;
  logic         decide, decide_eight, table_eight;
  assign decide       = ranked ? rank_valid : key_valid;
  assign decide_eight = ranked ? rank_eight : budget_eight;
  assign table_eight  = uniform ? rule_i == RuleAll8 : eight_q[token_q[6:0]];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= StIdle;
      read_q     <= 1'b0;
      rank_start <= 1'b0;
    end else begin
      read_q     <= score_en_o;
      rank_start <= load_last && ranked;
      case (state_q)
        StIdle:  if (start_i) state_q <= uniform ? StStart : StSeed;
        StSeed:  if (seeded_q) state_q <= StLoad;
        StLoad:  if (load_last) state_q <= ranked ? StRank : StStart;
        StRank:  if (rank_valid && rank_last) state_q <= StStart;
        StStart: state_q <= StTable;
        StTable: if (token_q + 8'd1 == tokens_i) state_q <= StDone;
        default: state_q <= StIdle;
      endcase
    end
    if (start_i) begin
      seeded_q  <= 1'b0;
      sent_q    <= '0;
      got_q     <= '0;
      decided_q <= '0;
      n8_q      <= rule_i == RuleAll8 ? tokens_i : 8'd0;
      total_q   <= {1'b0, eight_before_i};
    end
    if (state_q == StSeed) begin
      seeded_q <= 1'b1;
      if (!seeded_q) base_q <= seed_i * 32'h9e37_79b9;
      else           base_q <= base_q + {10'd0, layer_i, 16'd0};
    end
    if (score_en_o) begin
      sent_q     <= sent_q + 8'd1;
      position_q <= {1'b0, first_position_i} + 17'(sent_q);
    end
    if (key_valid) got_q <= got_q + 8'd1;
    if (decide) begin
      decided_q          <= decided_q + 7'd1;
      eight_q[decided_q] <= decide_eight;
      if (decide_eight) begin
        n8_q    <= n8_q + 8'd1;
        total_q <= total_q + 17'd1;
      end
    end
    if (state_q == StStart) begin
      token_q <= '0;
      next8_q <= '0;
      next4_q <= (n8_q + 8'd15) & 8'hf0;
    end
    if (state_q == StTable) begin
      token_q <= token_q + 8'd1;
      if (table_eight) next8_q <= next8_q + 8'd1;
      else             next4_q <= next4_q + 8'd1;
    end
  end

  assign busy_o        = state_q != StIdle;
  assign tt_wr_start_o = state_q == StStart;
  assign tt_wr_count_o = tokens_i;
  assign tt_wr_n8_o    = n8_q;
  assign tt_wr_valid_o = state_q == StTable;
  assign tt_wr_token_o = token_q[6:0];
  assign tt_wr_slot_o  = table_eight ? next8_q : next4_q;
  assign tt_wr_eight_o = table_eight;
  assign rep_valid_o   = state_q == StDone && count_i;
  assign rep_layer_o   = layer_i;
  assign rep_total_o   = eight_before_i + 16'(n8_q);
  assign rep_eight_o   = n8_q;
  assign rep_four_o    = tokens_i - n8_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o && tokens_i != 8'd0 && tokens_i <= 8'd128);
`endif
endmodule
