// SPDX-License-Identifier: Apache-2.0
// First pass of norm and softmax: reads rows of the vector memory once, keeps them in a line buffer of `Banks` rows and reduces
// each row to
//   abs_i = 1: the OR of the magnitudes of its elements (its bit length is the bit length of the largest magnitude),
//   abs_i = 0: the largest element (signed);
// with sum_en_i (rows of whole words only) also to the sum of its elements: row_sum_valid_o pulses with it, in row order.
// Row t lies at base + t*stride and has keys + t*keys_step elements; elements beyond them are ignored (they still lie in the
// line buffer).
// Latency: a row is offered 6 cycles after its last granted request; words are requested back to back while a bank is free.
// Handshake: start_i pulses while busy_o is low, the configuration is stable until the last row is popped. vs_rd_*: contract of
// squat_vsram. row_valid_o with row_value_o, row_keys_o describes the oldest row; line_en_i reads its word line_word_i (data
// next cycle), row_pop_i frees it.
// Golden twin: the maxima of hls::norm_scale and hls::softmax_row, the sum of hls::layer_mean.
module squat_row_reader #(
  // Parameter contract: Banks a power of two >= 2, Words a power of two (longest row / 16).
  parameter int unsigned Banks = 4,
  parameter int unsigned Words = 64,
  localparam int unsigned BankW = $clog2(Banks),
  localparam int unsigned WordW = $clog2(Words)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,
  input  logic [13:0]      base_i,
  input  logic [7:0]       stride_i,
  input  logic [7:0]       rows_i,
  input  logic [WordW+4:0] keys_i,
  input  logic             keys_step_i,
  input  logic             abs_i,
  input  logic             sum_en_i,
  output logic             busy_o,
  output logic             vs_rd_valid_o,
  output logic [13:0]      vs_rd_addr_o,
  input  logic             vs_rd_ready_i,
  input  logic             vs_rd_rvalid_i,
  input  logic [511:0]     vs_rd_data_i,
  output logic             row_valid_o,
  output logic [31:0]      row_value_o,
  output logic [WordW+4:0] row_keys_o,
  output logic             row_sum_valid_o,
  output logic [43:0]      row_sum_o,
  input  logic             row_pop_i,
  input  logic             line_en_i,
  input  logic [WordW-1:0] line_word_i,
  output logic [511:0]     line_data_o
);
  localparam int unsigned KeysW = WordW + 5;

  // Requests.
  logic [7:0]       rows_q;
  logic [13:0]      row_addr_q;
  logic [WordW-1:0] word_q;
  logic [KeysW-1:0] keys_q;
  logic [BankW:0]   used_q;
  logic [BankW-1:0] req_bank_q, head_q;
  logic [KeysW-1:0] left;
  logic             accept, first, last, row_start, reduced;

  // keys_q - 16*word_q elements are left, this word included.
  assign left          = keys_q - {1'b0, word_q, 4'd0};
  assign first         = word_q == '0;
  assign last          = left <= KeysW'(16);
  assign vs_rd_valid_o = (rows_q != 8'd0) && (!first || used_q != (BankW + 1)'(Banks));
  assign vs_rd_addr_o  = row_addr_q + 14'(word_q);
  assign accept        = vs_rd_valid_o && vs_rd_ready_i;
  assign row_start     = accept && first;
  assign busy_o        = (rows_q != 8'd0) || (used_q != '0);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rows_q     <= '0;
      word_q     <= '0;
      used_q     <= '0;
      req_bank_q <= '0;
    end else begin
      if (start_i) begin
        rows_q <= rows_i;
      end else if (accept) begin
        word_q <= last ? '0 : word_q + 1'b1;
        if (last) begin
          rows_q     <= rows_q - 8'd1;
          req_bank_q <= req_bank_q + 1'b1;
        end
      end
      if (row_start != row_pop_i) used_q <= row_start ? used_q + 1'b1 : used_q - 1'b1;
    end
    if (start_i) begin
      row_addr_q <= base_i;
      keys_q     <= keys_i;
    end else if (accept && last) begin
      row_addr_q <= row_addr_q + 14'(stride_i);
      keys_q     <= keys_q + KeysW'(keys_step_i);
    end
  end

  // What travels with a request: bank, word, first and last word of the row, number of its elements (1..16), keys of the row.
  localparam int unsigned TagW = BankW + WordW + 2 + 5 + KeysW;
  logic [TagW-1:0] tag, tag1_q, tag2_q, tag3_q, tag4_q;
  logic [3:0]      valid_q;

  assign tag = {req_bank_q, word_q, first, last, last ? 5'(left) : 5'd16, keys_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[2:0], accept};
    if (accept)     tag1_q <= tag;
    if (valid_q[0]) tag2_q <= tag1_q;
    if (valid_q[1]) tag3_q <= tag2_q;
    if (valid_q[2]) tag4_q <= tag3_q;
  end

  // Arrival: into the line buffer, and 16 -> 4 -> 1 -> running value.
  logic [BankW-1:0] in_bank;
  logic [WordW-1:0] in_word;
  logic [4:0]       in_lanes;
  assign in_bank  = tag2_q[TagW-1 -: BankW];
  assign in_word  = tag2_q[TagW-BankW-1 -: WordW];
  assign in_lanes = tag2_q[KeysW +: 5];

  squat_line_buffer #(.Width(512), .Depth(Banks * Words)) u_lines (
    .clk_i, .wr_en_i(valid_q[1]), .wr_addr_i({in_bank, in_word}), .wr_data_i(vs_rd_data_i), .rd_en_i(line_en_i),
    .rd_addr_i({head_q, line_word_i}), .rd_data_o(line_data_o));

  // Under their enables: an idle reader costs a simulation nothing.
  function automatic logic [31:0] larger(input logic [31:0] a, input logic [31:0] b);
    larger = $signed(a) > $signed(b) ? a : b;
  endfunction
  function automatic logic [31:0] magnitude(input logic [31:0] x);
    magnitude = x[31] ? 32'd0 - x : x;
  endfunction
  function automatic logic [31:0] live(input logic [31:0] x, input logic [4:0] lane, input logic [4:0] lanes);
    live = lane < lanes ? x : 32'h8000_0000;
  endfunction

  logic [31:0] four [4];
  for (genvar q = 0; q < 4; q++) begin : gen_four
    logic [31:0] value_q;
    always_ff @(posedge clk_i) begin
      if (valid_q[1]) begin
        if (abs_i) value_q <= magnitude(vs_rd_data_i[128*q +: 32]) | magnitude(vs_rd_data_i[128*q+32 +: 32])
                            | magnitude(vs_rd_data_i[128*q+64 +: 32]) | magnitude(vs_rd_data_i[128*q+96 +: 32]);
        else       value_q <= larger(larger(live(vs_rd_data_i[128*q +: 32], 5'(4*q), in_lanes),
                                            live(vs_rd_data_i[128*q+32 +: 32], 5'(4*q+1), in_lanes)),
                                     larger(live(vs_rd_data_i[128*q+64 +: 32], 5'(4*q+2), in_lanes),
                                            live(vs_rd_data_i[128*q+96 +: 32], 5'(4*q+3), in_lanes)));
      end
    end
    assign four[q] = value_q;
  end

  logic [31:0]      word_value_q, run_q, run_d;
  logic [BankW-1:0] out_bank;
  logic             out_first, out_last;
  assign out_bank  = tag4_q[TagW-1 -: BankW];
  assign out_first = tag4_q[KeysW+6];
  assign out_last  = tag4_q[KeysW+5];
  assign reduced   = valid_q[3] && out_last;

  // The same tree for the sum, 34 -> 36 -> 44 bit.
  function automatic logic signed [33:0] wide(input logic [31:0] x);
    wide = {{2{x[31]}}, x};
  endfunction
  logic signed [33:0] sum_four [4];
  logic signed [35:0] word_sum_q;
  logic signed [43:0] sum_q, sum_d;
  for (genvar q = 0; q < 4; q++) begin : gen_sum
    logic signed [33:0] value_q;
    always_ff @(posedge clk_i) begin
      if (valid_q[1] && sum_en_i) value_q <= (wide(vs_rd_data_i[128*q +: 32]) + wide(vs_rd_data_i[128*q+32 +: 32]))
                                           + (wide(vs_rd_data_i[128*q+64 +: 32]) + wide(vs_rd_data_i[128*q+96 +: 32]));
    end
    assign sum_four[q] = value_q;
  end
  assign sum_d = (out_first ? 44'sd0 : sum_q) + 44'(word_sum_q);
  always_ff @(posedge clk_i) begin
    if (valid_q[2] && sum_en_i) word_sum_q <= (36'(sum_four[0]) + 36'(sum_four[1])) + (36'(sum_four[2]) + 36'(sum_four[3]));
    if (valid_q[3] && sum_en_i) sum_q <= sum_d;
    row_sum_valid_o <= rst_ni && reduced && sum_en_i;
  end
  assign row_sum_o = sum_q;


  always_comb begin
    if (out_first)  run_d = word_value_q;
    else if (abs_i) run_d = run_q | word_value_q;
    else            run_d = larger(run_q, word_value_q);
  end

  logic [31:0]      info_value [Banks];
  logic [KeysW-1:0] info_keys [Banks];
  logic [BankW:0]   ready_q;

  always_ff @(posedge clk_i) begin
    if (valid_q[2]) begin
      if (abs_i) word_value_q <= four[0] | four[1] | four[2] | four[3];
      else       word_value_q <= larger(larger(four[0], four[1]), larger(four[2], four[3]));
    end
    if (valid_q[3]) run_q <= run_d;
    if (reduced) begin
      info_value[out_bank] <= run_d;
      info_keys[out_bank]  <= tag4_q[KeysW-1:0];
    end
    if (!rst_ni) begin
      ready_q <= '0;
      head_q  <= '0;
    end else begin
      if (reduced != row_pop_i) ready_q <= reduced ? ready_q + 1'b1 : ready_q - 1'b1;
      if (row_pop_i) head_q <= head_q + 1'b1;
    end
  end

  assign row_valid_o = ready_q != '0;
  assign row_value_o = info_value[head_q];
  assign row_keys_o  = info_keys[head_q];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) row_pop_i |-> row_valid_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) vs_rd_rvalid_i == valid_q[1]);
`endif
endmodule
