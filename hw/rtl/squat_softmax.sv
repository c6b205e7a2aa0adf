// SPDX-License-Identifier: Apache-2.0
// Causal softmax of the rows of one head: a pipeline of two stages behind squat_row_reader, each working on another row.
//   Stage B: scores -> e (kept in a buffer of `Banks` rows) and their sum, 1/sum by squat_recip.
//   Stage C: e * r -> 16 codes a cycle to squat_vec_out; out_words words for every row, 0 beyond its keys. The wide probability
//     of key 0 is added to the token's score, which squat_tclm reads through score_*.
// Throughput: max(words read, out_words) cycles a row (from about 8 words on, when `Banks` rows hide the latency); a single row
// takes 2*words + out_words + 32 cycles.
// Handshake: start_i pulses while busy_o is low with the configuration stable until busy_o falls; busy_o falls when every word
// has been issued to squat_vec_out and the last score is written. Score read: data 1 cycle after score_en_i, only while busy_o
// is low.
// Golden twin: hls::softmax_row.
module squat_softmax #(
  // Parameter contract: Banks a power of two >= 2.
  parameter int unsigned Banks = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [7:0]   rows_i,
  input  logic         first_head_i,
  input  logic [16:0]  m_i,
  input  logic [5:0]   s_i,
  input  logic [6:0]   out_words_i,
  output logic         busy_o,
  // Rows from squat_row_reader.
  input  logic         row_valid_i,
  input  logic [31:0]  row_value_i,
  input  logic [10:0]  row_keys_i,
  output logic         row_pop_o,
  output logic         line_en_o,
  output logic [5:0]   line_word_o,
  input  logic [511:0] line_data_i,
  // Token scores.
  input  logic         score_en_i,
  input  logic [6:0]   score_token_i,
  output logic [31:0]  score_o,
  // To squat_vec_out.
  output logic         out_issue_o,
  input  logic         out_room_i,
  output logic         out_valid_o,
  output logic [7:0]   out_slot_o,
  output logic [5:0]   out_word_o,
  output logic [127:0] out_data_o
);
  localparam int unsigned BankW = $clog2(Banks);

  // ---- Stage B: issue.
  logic [5:0]       b_word_q;
  logic [BankW:0]   used_q;
  logic [BankW-1:0] b_bank_q;
  logic [10:0]      b_left;
  logic [4:0]       b_lanes;
  logic             b_issue, b_first, b_last, c_pop, running;
  assign b_left      = row_keys_i - {1'b0, b_word_q, 4'd0};
  assign b_first     = b_word_q == 6'd0;
  assign b_last      = b_left <= 11'd16;
  assign b_lanes     = b_last ? b_left[4:0] : 5'd16;
  assign b_issue     = row_valid_i && running && (!b_first || used_q != (BankW + 1)'(Banks));
  assign line_en_o   = b_issue;
  assign line_word_o = b_word_q;
  assign row_pop_o   = b_issue && b_last;

  // b_valid_q[s]: word in stage s + 1 (1 line data, 2 distance, 3 product, 4 t, 5-7 exp2, 8 e, 9 partial sums, 10 word sum).
  // The marks of first and last words move along; e is written in order, so two counters name the place.
  logic [9:0]       b_valid_q, first_q, last_q;
  logic [5:0]       e_word_q;
  logic [BankW-1:0] e_bank_q;
  logic [31:0]      b1_max_q;
  logic [4:0]       b1_lanes_q;
  logic             sum_valid_q;
  logic [24:0]      word_sum;
  logic [30:0]      sum_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      b_valid_q   <= '0;
      sum_valid_q <= 1'b0;
      b_word_q    <= '0;
      b_bank_q    <= '0;
      e_word_q    <= '0;
      e_bank_q    <= '0;
      used_q      <= '0;
    end else begin
      b_valid_q   <= {b_valid_q[8:0], b_issue};
      sum_valid_q <= b_valid_q[9] && last_q[9];
      if (b_issue) begin
        b_word_q <= b_last ? '0 : b_word_q + 6'd1;
        if (b_last) b_bank_q <= b_bank_q + 1'b1;
      end
      if (b_valid_q[7]) begin
        e_word_q <= last_q[7] ? '0 : e_word_q + 6'd1;
        if (last_q[7]) e_bank_q <= e_bank_q + 1'b1;
      end
      if ((b_issue && b_first) != c_pop) used_q <= c_pop ? used_q - 1'b1 : used_q + 1'b1;
    end
    first_q <= {first_q[8:0], b_first};
    last_q  <= {last_q[8:0], b_last};
    if (b_issue) begin
      b1_max_q   <= row_value_i;
      b1_lanes_q <= b_lanes;
    end
    if (b_valid_q[9]) sum_q <= (first_q[9] ? 31'd0 : sum_q) + {6'd0, word_sum};
  end

  // ---- Lanes with the buffer of exponentials.
  logic [127:0]     codes;
  logic [16:0]      wide0;
  logic [2:0]       c_valid_q;
  logic [17:0]      c1_r_q;
  logic [4:0]       c1_nm1_q, c2_nm1_q;
  logic             c_issue;
  logic [5:0]       c_word_q;
  logic [BankW-1:0] c_bank_q;
  squat_softmax_lanes #(.Depth(Banks * 64)) u_lanes (
    .clk_i, .en_in_i(b_valid_q[8:0]), .line_data_i, .max_i(b1_max_q), .lanes_i(b1_lanes_q), .m_i, .s_i,
    .e_wr_addr_i({e_bank_q, e_word_q}), .sum_o(word_sum), .e_rd_en_i(c_issue), .e_rd_addr_i({c_bank_q, c_word_q}),
    .en_out_i(c_valid_q), .r_i(c1_r_q), .nm1_i(c2_nm1_q), .wide0_o(wide0), .codes_o(codes));

  logic        recip_valid;
  logic [17:0] recip_r;
  logic [4:0]  recip_n;
  squat_recip u_recip (
    .clk_i, .rst_ni, .valid_i(sum_valid_q), .sum_i(sum_q), .valid_o(recip_valid), .r_o(recip_r), .n_o(recip_n));

  // ---- Stage C: issue. Descriptors of the rows whose reciprocal is known; desc_last is set when B issues the last word.
  logic [17:0]      desc_r [Banks];
  logic [4:0]       desc_nm1 [Banks];
  logic [5:0]       desc_last [Banks];
  logic [BankW-1:0] desc_wr_q;
  logic [BankW:0]   desc_count_q;
  logic [7:0]       row_q, rows_left_q;
  logic             c_last, c_beyond;
  assign c_issue     = desc_count_q != '0 && out_room_i;
  assign c_last      = c_word_q == 6'(out_words_i - 7'd1);
  assign c_pop       = c_issue && c_last;
  assign c_beyond    = c_word_q > desc_last[c_bank_q];
  assign out_issue_o = c_issue;
  assign running     = rows_left_q != 8'd0;

  // c*_q: token, word, beyond the keys (1 e line, 2 product, 3 wide probability, 4 code).
  logic [13:0] c1_q, c2_q, c3_q, c4_q;
  logic        c4_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      c_valid_q    <= '0;
      c4_valid_q   <= 1'b0;
      c_word_q     <= '0;
      c_bank_q     <= '0;
      desc_wr_q    <= '0;
      desc_count_q <= '0;
      rows_left_q  <= '0;
    end else begin
      c_valid_q  <= {c_valid_q[1:0], c_issue};
      c4_valid_q <= c_valid_q[2];
      if (c_issue)     c_word_q  <= c_last ? '0 : c_word_q + 6'd1;
      if (c_pop)       c_bank_q  <= c_bank_q + 1'b1;
      if (recip_valid) desc_wr_q <= desc_wr_q + 1'b1;
      if (recip_valid != c_pop) desc_count_q <= recip_valid ? desc_count_q + 1'b1 : desc_count_q - 1'b1;
      if (start_i)    rows_left_q <= rows_i;
      else if (c_pop) rows_left_q <= rows_left_q - 8'd1;
    end
    if (row_pop_o) desc_last[b_bank_q] <= b_word_q;
    if (recip_valid) begin
      desc_r[desc_wr_q]   <= recip_r;
      desc_nm1[desc_wr_q] <= recip_n - 5'd1;
    end
    if (start_i)    row_q <= 8'd0;
    else if (c_pop) row_q <= row_q + 8'd1;
    if (c_issue) begin
      c1_q     <= {row_q[6:0], c_word_q, c_beyond};
      c1_r_q   <= desc_r[c_bank_q];
      c1_nm1_q <= desc_nm1[c_bank_q];
    end
    if (c_valid_q[0]) begin
      c2_q     <= c1_q;
      c2_nm1_q <= c1_nm1_q;
    end
    if (c_valid_q[1]) c3_q <= c2_q;
    if (c_valid_q[2]) c4_q <= c3_q;
  end
  assign out_valid_o = c4_valid_q;
  assign out_slot_o  = {1'b0, c4_q[13:7]};
  assign out_word_o  = c4_q[6:1];
  assign out_data_o  = c4_q[0] ? 128'd0 : codes;

  // ---- Token scores: read in cycle 2 of word 0, written in cycle 3.
  logic [31:0] score [128];
  logic        score_rd, score_wr, start_score_q;
  assign score_rd = c_valid_q[1] && c2_q[6:1] == 6'd0;
  assign score_wr = c_valid_q[2] && c3_q[6:1] == 6'd0;
  assign busy_o   = running || c_valid_q != 3'd0;

  always_ff @(posedge clk_i) begin
    if (score_rd || score_en_i) score_o <= score[score_rd ? c2_q[13:7] : score_token_i];
    if (score_wr) score[c3_q[13:7]] <= (start_score_q ? 32'd0 : score_o) + {15'd0, wide0};
    if (start_i) start_score_q <= first_head_i;
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o && out_words_i != 7'd0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) recip_valid |-> desc_count_q != (BankW + 1)'(Banks));
  assert property (@(posedge clk_i) disable iff (!rst_ni) score_en_i |-> !busy_o);
`endif
endmodule
