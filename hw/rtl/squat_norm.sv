// SPDX-License-Identifier: Apache-2.0
// RMSNorm or (centred_i) LayerNorm of rows, quantised to codes: a pipeline of two stages behind squat_row_reader, each working on
// another row.
//   Stage B: row -> shifted inputs xs (kept in a buffer of `Banks` rows), sum of squares, 1/sqrt by squat_rsqrt. Centred: when
//     squat_norm_mean knows the row's mean; the shift follows from the largest |x|, one bit more than without a mean.
//   Stage C: xs * r * gain + beta -> 16 codes a cycle to squat_vec_out.
// Throughput: `words` cycles a row (words >= 8: then `Banks` rows hide the latency); a single row takes 3*words + 29 cycles, centred
// 4 more.
// Handshake: start_i pulses while busy_o is low with the configuration stable until busy_o falls; busy_o falls when every word
// has been issued to squat_vec_out. Token table query: combinational, for the row being started.
// Golden twin: hls::rms_norm, hls::layer_norm.
module squat_norm #(
  // Parameter contract: Banks a power of two >= 2.
  parameter int unsigned Banks = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [7:0]   rows_i,
  input  logic [7:0]   first_row_i,
  input  logic [6:0]   words_i,
  input  logic         grouped_i,
  input  logic         banded_i,
  input  logic [5:0]   shift_i,
  input  logic [45:0]  eps_i,
  input  logic         gain_bank_i,
  input  logic         centred_i,
  input  logic [16:0]  mean_m_i,
  input  logic [5:0]   mean_s_i,
  output logic         busy_o,
  // Rows from squat_row_reader.
  input  logic         row_valid_i,
  input  logic [31:0]  row_value_i,
  input  logic         row_sum_valid_i,
  input  logic [43:0]  row_sum_i,
  output logic         row_pop_o,
  output logic         line_en_o,
  output logic [5:0]   line_word_o,
  input  logic [511:0] line_data_i,
  // Token table.
  output logic [6:0]   q_token_o,
  input  logic [7:0]   q_slot_i,
  input  logic         q_eight_i,
  // Gains and offsets: data 2 cycles after their enables.
  output logic         gain_en_o,
  output logic         beta_en_o,
  output logic [6:0]   gain_addr_o,
  input  logic [287:0] gain_data_i,
  input  logic [383:0] beta_data_i,
  // To squat_vec_out.
  output logic         out_issue_o,
  input  logic         out_room_i,
  output logic         out_valid_o,
  output logic [7:0]   out_slot_o,
  output logic [5:0]   out_word_o,
  output logic [127:0] out_data_o
);
  localparam int unsigned BankW = $clog2(Banks);

  // ---- Means.
  logic        mean_valid;
  logic [31:0] mean, b1_mean_q;
  squat_norm_mean #(.Banks(Banks)) u_mean (
    .clk_i, .rst_ni, .m_i(mean_m_i), .s_i(mean_s_i), .sum_valid_i(row_sum_valid_i), .sum_i(row_sum_i), .mean_valid_o(mean_valid),
    .mean_o(mean), .pop_i(row_pop_o && centred_i));

  // ---- Stage B: issue.
  logic [5:0]       last_word, b_word_q;
  logic [BankW:0]   used_q;
  logic [BankW-1:0] b_bank_q;
  logic             b_issue, b_first, b_last, c_pop;
  assign last_word   = 6'(words_i - 7'd1);
  assign b_first     = b_word_q == 6'd0;
  assign b_last      = b_word_q == last_word;
  assign b_issue     = row_valid_i && busy_o && (!centred_i || mean_valid) && (!b_first || used_q != (BankW + 1)'(Banks));
  assign line_en_o   = b_issue;
  assign line_word_o = b_word_q;
  assign row_pop_o   = b_issue && b_last;

  // Bit length of the largest magnitude beyond 15, centred beyond 14.
  function automatic logic [4:0] down_shift(input logic [31:0] magnitudes, input logic centred);
    down_shift = {4'd0, centred && magnitudes[14]};
    for (int i = 15; i < 32; i++) begin
      if (magnitudes[i]) down_shift = 5'(i - 14) + {4'd0, centred};
    end
  endfunction

  // b_valid_q[s]: word in stage s + 1 (1 line data, 2 xs, 3 squares, 4 partial sums, 5 word sum).
  localparam int unsigned BTagW = BankW + 6 + 2 + 5;
  logic [4:0]       b_valid_q;
  logic [BTagW-1:0] b1_q, b2_q;
  logic [6:0]       b3_q, b4_q;  // first, last, d
  logic [33:0]      word_sum;
  logic [46:0]      sum_q, sum_d;
  logic [45:0]      eps5_q;
  logic             b5_first, b5_last, sum_valid_q;
  logic [6:0]       b4_eps_shift;
  assign sum_d        = (b5_first ? {1'b0, eps5_q} : sum_q) + {13'd0, word_sum};
  assign b4_eps_shift = {1'b0, b4_q[4:0], 1'b0};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      b_valid_q   <= '0;
      sum_valid_q <= 1'b0;
      b_word_q    <= '0;
      b_bank_q    <= '0;
      used_q      <= '0;
    end else begin
      b_valid_q   <= {b_valid_q[3:0], b_issue};
      sum_valid_q <= b_valid_q[4] && b5_last;
      if (b_issue) begin
        b_word_q <= b_last ? '0 : b_word_q + 6'd1;
        if (b_last) b_bank_q <= b_bank_q + 1'b1;
      end
      if ((b_issue && b_first) != c_pop) used_q <= c_pop ? used_q - 1'b1 : used_q + 1'b1;
    end
    if (b_issue) begin
      b1_q      <= {b_bank_q, b_word_q, b_first, b_last, down_shift(row_value_i, centred_i)};
      b1_mean_q <= centred_i ? mean : 32'd0;
    end
    if (b_valid_q[0]) b2_q <= b1_q;
    if (b_valid_q[1]) b3_q <= b2_q[6:0];
    if (b_valid_q[2]) b4_q <= b3_q;
    if (b_valid_q[3]) begin
      b5_first <= b4_q[6];
      b5_last  <= b4_q[5];
      eps5_q <= eps_i >> b4_eps_shift;
    end
    if (b_valid_q[4]) sum_q <= sum_d;
  end

  // ---- Lanes with the buffer of shifted inputs.
  logic [3:0]       c_valid_q;
  logic [17:0]      c1_r_q;
  logic [4:0]       c1_km1_q, c2_km1_q;
  logic             c4_eight_q, c_issue;
  logic [5:0]       c_word_q;
  logic [BankW-1:0] c_bank_q;
  squat_norm_lanes #(.Depth(Banks * 64)) u_lanes (
    .clk_i, .en_in_i(b_valid_q[3:0]), .line_data_i, .mean_i(b1_mean_q), .d_i(b1_q[4:0]), .xs_wr_addr_i(b2_q[BTagW-1 -: BankW+6]), .sum_o(word_sum),
    .xs_rd_en_i(c_issue), .xs_rd_addr_i({c_bank_q, c_word_q}), .en_out_i(c_valid_q), .r_i(c1_r_q), .km1_i(c2_km1_q),
    .centred_i, .gain_data_i, .beta_data_i, .shift_i, .eight3_i(c3_q[6]), .eight4_i(c4_eight_q), .codes_o(out_data_o));

  logic        rsqrt_valid;
  logic [17:0] rsqrt_r;
  logic [4:0]  rsqrt_k;
  squat_rsqrt u_rsqrt (
    .clk_i, .rst_ni, .valid_i(sum_valid_q), .sum_i(sum_q), .valid_o(rsqrt_valid), .r_o(rsqrt_r), .k_o(rsqrt_k));

  // ---- Stage C: issue. Descriptors of the rows whose scale is known.
  logic [17:0]      desc_r [Banks];
  logic [4:0]       desc_km1 [Banks];
  logic [BankW-1:0] desc_wr_q;
  logic [BankW:0]   desc_count_q;
  logic [7:0]       row_q, rows_left_q, slot;
  logic             eight, c_last;
  assign c_issue       = desc_count_q != '0 && out_room_i;
  assign c_last        = c_word_q == last_word;
  assign c_pop         = c_issue && c_last;
  assign out_issue_o   = c_issue;
  assign gain_en_o     = c_issue;
  assign beta_en_o     = c_issue && centred_i;
  assign gain_addr_o   = {gain_bank_i, c_word_q};
  assign q_token_o     = row_q[6:0];
  assign slot          = (grouped_i && !banded_i) ? q_slot_i : row_q - first_row_i;
  assign eight         = !grouped_i || q_eight_i;
  assign busy_o        = rows_left_q != 8'd0;

  // c_tag*_q[s]: slot, width and word of the word in stage s (1 xs line, 2 product, 3 unit and gain, 4 scaled, 5 code).
  logic [14:0] c1_q, c2_q, c3_q;
  logic [13:0] c4_q, c5_q;  // without the width
  logic        c5_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      c_valid_q    <= '0;
      c5_valid_q   <= 1'b0;
      c_word_q     <= '0;
      c_bank_q     <= '0;
      desc_wr_q    <= '0;
      desc_count_q <= '0;
      rows_left_q  <= '0;
    end else begin
      c_valid_q  <= {c_valid_q[2:0], c_issue};
      c5_valid_q <= c_valid_q[3];
      if (c_issue)     c_word_q  <= c_last ? '0 : c_word_q + 6'd1;
      if (c_pop)       c_bank_q  <= c_bank_q + 1'b1;
      if (rsqrt_valid) desc_wr_q <= desc_wr_q + 1'b1;
      if (rsqrt_valid != c_pop) desc_count_q <= rsqrt_valid ? desc_count_q + 1'b1 : desc_count_q - 1'b1;
      if (start_i)    rows_left_q <= rows_i;
      else if (c_pop) rows_left_q <= rows_left_q - 8'd1;
    end
    if (rsqrt_valid) begin
      desc_r[desc_wr_q]   <= rsqrt_r;
      desc_km1[desc_wr_q] <= rsqrt_k == 5'd0 ? 5'd0 : rsqrt_k - 5'd1;
    end
    if (start_i)    row_q <= first_row_i;
    else if (c_pop) row_q <= row_q + 8'd1;
    if (c_issue) begin
      c1_q     <= {slot, eight, c_word_q};
      c1_r_q   <= desc_r[c_bank_q];
      c1_km1_q <= desc_km1[c_bank_q];
    end
    if (c_valid_q[0]) begin
      c2_q     <= c1_q;
      c2_km1_q <= c1_km1_q;
    end
    if (c_valid_q[1]) begin
      c3_q <= c2_q;
    end
    if (c_valid_q[2]) begin
      c4_q       <= {c3_q[14:7], c3_q[5:0]};
      c4_eight_q <= c3_q[6];
    end
    if (c_valid_q[3]) c5_q <= c4_q;
  end
  assign out_valid_o = c5_valid_q;
  assign out_slot_o  = c5_q[13:6];
  assign out_word_o  = c5_q[5:0];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o && words_i != 7'd0 && shift_i != 6'd0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) rsqrt_valid |-> desc_count_q != (BankW + 1)'(Banks));
`endif
endmodule
