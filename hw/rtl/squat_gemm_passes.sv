// SPDX-License-Identifier: Apache-2.0
// Turns gemm commands into passes: wide + 1 tiles of 32 channels (at the end fewer) times one slot group, or one pair of 4-bit groups.
//
// Order: for each wide + 1 tiles, for each group: 8-bit groups, then 4-bit pairs (W8 weights: the 4-bit groups one by one). Position order: groups of
// 16 tokens; banded: one group. causal 1 leaves out tiles whose keys all lie after the group's last token (pass_wide_o
// says how many are left); causal 2 shortens the pass to
// the keys its last token sees, rounded up to 8.
// Handshake: a command is accepted when the passes of the one before have all been taken.
// pass_* is valid/ready, stable while stalled. A field out of range: err_valid_o pulses with bad_parameter, nothing is accepted until reset.
// Latency: 6 cycles from a command to its first pass, then 3 cycles per pass, 2 per pass left out.
module squat_gemm_passes #(
  parameter int unsigned Blocks = 1,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024,
  parameter int unsigned AddrW = 15,
  parameter int unsigned CountW = $clog2(RingDepth) + 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              cmd_valid_i,
  input  logic [511:0]      cmd_i,
  output logic              cmd_ready_o,
  input  logic [15:0]       n8_i,
  input  logic [15:0]       tokens_i,
  output logic              err_valid_o,
  output logic [7:0]        err_code_o,
  output logic              pass_valid_o,
  input  logic              pass_ready_i,
  output logic [AddrW-1:0]  pass_addr_e_o,     // first column, even and odd half of activation memory
  output logic [AddrW-1:0]  pass_addr_o_o,
  output logic              pass_swap_o,       // the first group is the odd half
  output logic [12:0]       pass_steps_o,
  output logic [12:0]       pass_ks_o,         // columns per ring bank
  output logic [CountW-2:0] pass_words_o,      // words of a tile per ring bank, modulo the depth
  output logic [CountW-1:0] pass_need_o,       // words of all its tiles, those left out included
  output logic [1:0]        pass_wide_o,       // tiles that post gets, less one
  output logic [1:0]        pass_mode_o,       // of the array
  output logic              pass_banded_o,
  output logic              pass_tile_last_o,  // the tiles are not needed after this pass
  output logic [15:0]       pass_tile_o,       // the first of them
  output logic [3:0]        pass_group_o,
  output logic              pass_last_o        // of the command
);
  // Parameter contract
  // Blocks, the tiles multiplied at once at most, is 1..4. BeatWords, the words a ring bank gives in a cycle, is 1 or 4. AddrW is at least 13. RingDepth is a power of two. BiasDepth <= 1024.
  localparam int unsigned BandedTiles4 = BeatWords;  // tiles of a banded pass: each takes a word of every bank in a step, 8-bit weights two
  localparam int unsigned BandedTiles8 = BeatWords > 1 ? BeatWords / 2 : 1;

  localparam logic [2:0] StIdle = 3'd0;
  localparam logic [2:0] StCount = 3'd1;   // numbers of groups
  localparam logic [2:0] StCheck = 3'd2;   // ranges of the fields
  localparam logic [2:0] StSee = 3'd3;     // last position of the group
  localparam logic [2:0] StDecide = 3'd4;  // leave out, or how many steps
  localparam logic [2:0] StEmit = 3'd5;

  logic [2:0]       state_q;
  logic             failed_q;
  // Fields of the command.
  logic             grouped_q, banded_q;
  logic [1:0]       causal_q, mode_q, wide_q;
  logic [7:0]       tokens_q, n8_q, table_tokens_q;
  logic [15:0]      first_position_q, tiles_q;
  logic [12:0]      k_q, ks_q, a_stride_q;
  logic [AddrW-1:0] a_base_q;
  logic [13:0]      words_q;
  logic [3:0]       groups8_q, groups_q;  // 8-bit groups, all groups
  logic             bad_post_q;
  // Walk.
  logic [15:0]      tile_q;
  logic [3:0]       group_q;
  logic [AddrW-1:0] base_q;      // of group_q / 2
  logic [16:0]      position_q;  // last position of the group

  logic in_table;
  assign in_table    = cmd_i[squat_spec_pkg::GemmInTableLsb];
  assign cmd_ready_o = state_q == StIdle && !failed_q;

  // What post-processing relies on.
  logic [2:0]  post, log2_hd;
  logic [3:0]  frac;
  logic [5:0]  s0, s1, s2;
  logic [17:0] bias_end;
  logic        scaled, table_of_14, bad_post;
  assign post        = cmd_i[squat_spec_pkg::GemmPostLsb +: squat_spec_pkg::GemmPostW];
  assign log2_hd     = cmd_i[squat_spec_pkg::GemmLog2HeadDimLsb +: squat_spec_pkg::GemmLog2HeadDimW];
  assign frac        = cmd_i[squat_spec_pkg::GemmFracLsb +: squat_spec_pkg::GemmFracW];
  assign s0          = cmd_i[squat_spec_pkg::GemmS0Lsb +: squat_spec_pkg::GemmS0W];
  assign s1          = cmd_i[squat_spec_pkg::GemmS1Lsb +: squat_spec_pkg::GemmS1W];
  assign s2          = cmd_i[squat_spec_pkg::GemmS2Lsb +: squat_spec_pkg::GemmS2W];
  assign bias_end    = 18'(cmd_i[squat_spec_pkg::GemmBiasBaseLsb +: squat_spec_pkg::GemmBiasBaseW])
                       + 18'({cmd_i[squat_spec_pkg::GemmTilesLsb +: squat_spec_pkg::GemmTilesW], 1'b0});
  assign scaled      = post != squat_spec_pkg::PostRaw && post != squat_spec_pkg::PostLogits;
  assign table_of_14 = post == squat_spec_pkg::PostGated || post == squat_spec_pkg::PostGelu;
  assign bad_post    = post == 3'd7 || (scaled && s0 > 6'd46) || (post == squat_spec_pkg::PostGated && s1 > 6'd46) ||
                       (table_of_14 && (s2 > 6'd46 || frac < 4'd6 || frac > 4'd9)) ||
                       (post == squat_spec_pkg::PostRope && log2_hd < 3'd5) ||
                       (cmd_i[squat_spec_pkg::GemmBiasLsb] && bias_end > 18'(BiasDepth));

  // Counts.
  logic [7:0] n4;
  logic [3:0] groups8, groups4;
  assign n4      = tokens_q - n8_q;
  assign groups8 = 4'((n8_q + 8'd15) >> 4);
  assign groups4 = 4'((n4 + 8'd15) >> 4);

  // Tiles of a pass: `tiles_wide` in the ring, less one, and all their words; those that the group sees.
  logic [15:0] tiles_left, tiles_seen;
  logic [1:0]  tiles_wide;
  logic [15:0] need;
  assign tiles_left = tiles_q - tile_q - 16'd1;
  assign tiles_wide = tiles_left < 16'(wide_q) ? tiles_left[1:0] : wide_q;
  assign tiles_seen = {4'd0, position_q[16:5]} - tile_q;
  assign need       = 16'(words_q) + (tiles_wide[0] ? 16'(words_q) : 16'd0) + (tiles_wide[1] ? {1'b0, words_q, 1'b0} : 16'd0);

  // Ranges.
  logic [2:0]       last_half;  // groups come in pairs, one in each half
  logic [AddrW+1:0] region_end;
  logic [16:0]      last_position;
  logic             bad_shape, bad_tokens, bad_region, bad_causal;
  assign last_half     = 3'((groups_q - 4'd1) >> 1);
  assign region_end    = (AddrW+2)'(a_base_q) + (last_half[0] ? (AddrW+2)'(a_stride_q) : '0) + (last_half[1] ? (AddrW+2)'({a_stride_q, 1'b0}) : '0) +
                         (last_half[2] ? (AddrW+2)'({a_stride_q, 2'b0}) : '0) + (banded_q ? (AddrW+2)'(ks_q) : (AddrW+2)'(k_q));
  assign last_position = 17'(first_position_q) + 17'(tokens_q) - 17'd1;
  assign bad_shape     = ks_q == '0 || k_q != {ks_q[10:0], 2'b0} || ks_q[12:11] != '0 || k_q[2:0] != '0 || (banded_q && ks_q[3:0] != '0) ||
                         32'(need) > RingDepth || 32'(wide_q) >= Blocks || (banded_q && 32'(wide_q) >= (mode_q == 2'd0 ? BandedTiles4 : BandedTiles8)) || (BeatWords > 1 && words_q[1:0] != 2'd0) || tiles_q == '0 || mode_q == 2'd3 || causal_q == 2'd3;
  assign bad_tokens    = tokens_q == '0 || tokens_q > 8'd128 || (banded_q && tokens_q > 8'd4) ||
                         (grouped_q && (table_tokens_q != tokens_q || n8_q > tokens_q));
  assign bad_region    = region_end > (AddrW+2)'(1 << AddrW);
  // causal needs position order, and its last tile must hold a key of the pass: then the last group of a tile is never left out.
  assign bad_causal    = (causal_q != '0 && grouped_q) || (causal_q == 2'd1 && {tiles_q - 16'd1, 5'd0} > 21'(last_position));

  // One pass.
  logic        pair, skip, group_end, tile_end;
  logic [3:0]  next_group;
  logic [7:0]  group_token;  // last token of the group
  logic [16:0] visible;      // keys that token sees, rounded up to 8
  assign pair        = grouped_q && mode_q == 2'd0 && group_q >= groups8_q;
  assign next_group  = group_q + (pair ? 4'd2 : 4'd1);
  assign group_end   = next_group >= groups_q;
  assign tile_end    = tiles_left <= 16'(wide_q);
  assign group_token = {group_q, 4'd15} < tokens_q ? {group_q, 4'd15} : tokens_q - 8'd1;
  assign skip        = causal_q == 2'd1 && {tile_q, 5'd0} > 21'(position_q);
  assign visible     = (position_q + 17'd8) & ~17'd7;

  logic advance;
  assign advance      = (state_q == StDecide && skip) || (state_q == StEmit && pass_ready_i);
  assign pass_valid_o = state_q == StEmit;

  always_ff @(posedge clk_i) begin
    err_valid_o <= 1'b0;
    unique case (state_q)
      StIdle: if (cmd_valid_i && cmd_ready_o) begin
        grouped_q        <= cmd_i[squat_spec_pkg::GemmGroupedLsb] && !cmd_i[squat_spec_pkg::GemmBandedLsb];
        banded_q         <= cmd_i[squat_spec_pkg::GemmBandedLsb];
        causal_q         <= cmd_i[squat_spec_pkg::GemmCausalLsb +: 2];
        wide_q           <= cmd_i[squat_spec_pkg::GemmWideLsb +: 2];
        mode_q           <= cmd_i[squat_spec_pkg::GemmModeLsb +: 2];
        tokens_q         <= cmd_i[squat_spec_pkg::GemmTokensLsb +: 8];
        first_position_q <= cmd_i[squat_spec_pkg::GemmFirstPositionLsb +: 16];
        k_q              <= cmd_i[squat_spec_pkg::GemmKLsb +: 13];
        ks_q             <= cmd_i[squat_spec_pkg::GemmKsLsb +: 13];
        tiles_q          <= cmd_i[squat_spec_pkg::GemmTilesLsb +: 16];
        a_base_q         <= AddrW'(cmd_i[squat_spec_pkg::GemmABaseLsb +: 15]);
        a_stride_q       <= cmd_i[squat_spec_pkg::GemmAStrideLsb +: 13];
        n8_q             <= in_table ? n8_i[15:8] : n8_i[7:0];
        bad_post_q       <= bad_post;
        table_tokens_q   <= in_table ? tokens_i[15:8] : tokens_i[7:0];
        state_q          <= StCount;
      end
      StCount: begin
        words_q <= mode_q == 2'd0 ? {1'b0, ks_q} : {ks_q, 1'b0};
        if (grouped_q) begin
          groups8_q <= groups8;
          groups_q  <= groups8 + groups4;
        end else begin
          groups8_q <= 4'((tokens_q + 8'd15) >> 4);
          groups_q  <= 4'((tokens_q + 8'd15) >> 4);
        end
        tile_q  <= '0;
        group_q <= '0;
        base_q  <= a_base_q;
        state_q <= StCheck;
      end
      StCheck: begin
        if (bad_shape || bad_tokens || bad_region || bad_causal || bad_post_q) begin
          failed_q    <= 1'b1;
          err_valid_o <= 1'b1;
          state_q     <= StIdle;
        end else begin
          state_q <= StSee;
        end
      end
      StSee: begin
        position_q <= 17'(first_position_q) + 17'(group_token);
        state_q    <= StDecide;
      end
      StDecide: begin
        pass_steps_o     <= causal_q == 2'd2 && !banded_q && visible < 17'(k_q) ? visible[12:0] : banded_q ? ks_q : k_q;
        pass_addr_o_o    <= base_q;
        pass_addr_e_o    <= group_q[0] ? base_q + AddrW'(a_stride_q) : base_q;
        pass_mode_o      <= mode_q[1] ? 2'd3 : mode_q[0] ? 2'd2 : {1'b0, pair};
        pass_need_o      <= need[CountW-1:0];
        pass_wide_o      <= causal_q == 2'd1 && tiles_seen < 16'(tiles_wide) ? tiles_seen[1:0] : tiles_wide;
        pass_tile_last_o <= group_end;
        pass_last_o      <= group_end && tile_end;
        state_q          <= skip ? StSee : StEmit;
      end
      default: if (pass_ready_i) state_q <= pass_last_o ? StIdle : StSee;
    endcase
    if (advance) begin
      group_q <= group_end ? 4'd0 : next_group;
      if (group_end) base_q <= a_base_q;
      else if (pair || group_q[0]) base_q <= base_q + AddrW'(a_stride_q);
      if (group_end) tile_q <= tile_q + 16'(wide_q) + 16'd1;
    end
    if (!rst_ni) begin
      state_q     <= StIdle;
      failed_q    <= 1'b0;
      err_valid_o <= 1'b0;
    end
  end

  assign err_code_o    = squat_spec_pkg::ErrorBadParameter;
  assign pass_swap_o   = group_q[0];
  assign pass_ks_o     = ks_q;
  assign pass_words_o  = words_q[CountW-2:0];
  assign pass_banded_o = banded_q;
  assign pass_tile_o   = tile_q;
  assign pass_group_o  = group_q;

  logic unused_cmd;
  assign unused_cmd = ^cmd_i;

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) state_q == StDecide && skip |-> !group_end);
  assert property (@(posedge clk_i) disable iff (!rst_ni) pass_valid_o |-> pass_steps_o[2:0] == '0 && pass_steps_o != '0);
`endif
endmodule
