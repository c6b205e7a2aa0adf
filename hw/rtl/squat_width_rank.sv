// SPDX-License-Identifier: Apache-2.0
// Rank of every token by counting: token i (1 <= i < tokens) is 8 bit iff
//   1 + #{1 <= j < seen: key_j > key_i, or equal and j < i} < ceil(rho_num*seen/1024),
// seen = tokens, or i + 1 with prefix_i. Token 0 is 8 bit. 16 comparators; tokens*ceil(seen/16) + 5 cycles.
// Handshake: keys are written (wr_*) before start_i pulses; then one decision per token, in order: valid_o, eight_o, the last
// with last_o.
// Golden twin: rank_pass in hls/token_control.cpp.
module squat_width_rank (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        wr_valid_i,
  input  logic [6:0]  wr_token_i,
  input  logic [31:0] wr_key_i,
  input  logic        start_i,
  input  logic        prefix_i,
  input  logic [7:0]  tokens_i,
  input  logic [10:0] rho_num_i,
  output logic        valid_o,
  output logic        eight_o,
  output logic        last_o
);
  // Does key j come before key i of the token being ranked?
  function automatic logic above(input logic [6:0] j, input logic [31:0] key_j, input logic [7:0] seen, input logic [6:0] i,
                                 input logic [31:0] key_i);
    above = j != 7'd0 && {1'b0, j} < seen && (key_j > key_i || (key_j == key_i && j < i));
  endfunction

  // Stage 0: token and group of 16 keys.
  logic       active_q;
  logic [6:0] token_q;
  logic [2:0] group_q;
  logic [7:0] seen;
  logic       group_last, token_last;
  assign seen       = prefix_i ? {1'b0, token_q} + 8'd1 : tokens_i;
  assign group_last = group_q == 3'((seen - 8'd1) >> 4);
  assign token_last = {1'b0, token_q} + 8'd1 == tokens_i;

  // s1: keys read; s2: comparisons; s3: their number; s4: rank against the limit.
  logic [3:0]  valid_q;
  logic [31:0] key1;  // key of the token
  logic [6:0]  token1_q;
  logic [2:0]  group1_q;
  logic [7:0]  seen1_q;
  logic [1:0]  first_last1_q, first_last2_q, first_last3_q;  // first group, last group of a token
  logic [1:0]  kind1_q, kind2_q, kind3_q;                    // token 0, last token
  logic [15:0] above2_q;
  logic [7:0]  limit2_q, limit3_q;
  logic [4:0]  number3_q;
  logic [7:0]  rank_q, rank_d;

  // Keys twice: by token for the left-hand side, by lane for the comparisons.
  squat_line_buffer #(.Width(32), .Depth(128)) u_key (
    .clk_i, .wr_en_i(wr_valid_i), .wr_addr_i(wr_token_i), .wr_data_i(wr_key_i), .rd_en_i(active_q), .rd_addr_i(token_q),
    .rd_data_o(key1));
  for (genvar l = 0; l < 16; l++) begin : gen_lane
    logic [31:0] other1;
    squat_line_buffer #(.Width(32), .Depth(8)) u_keys (
      .clk_i, .wr_en_i(wr_valid_i && wr_token_i[3:0] == 4'(l)), .wr_addr_i(wr_token_i[6:4]), .wr_data_i(wr_key_i),
      .rd_en_i(active_q), .rd_addr_i(group_q), .rd_data_o(other1));
    always_ff @(posedge clk_i) begin
      if (valid_q[0]) above2_q[l] <= above({group1_q, 4'(l)}, other1, seen1_q, token1_q, key1);
    end
  end

  function automatic logic [4:0] ones(input logic [15:0] bits);
    ones = 5'd0;
    for (int i = 0; i < 16; i++) ones = ones + 5'(bits[i]);
  endfunction
  assign rank_d = (first_last3_q[1] ? 8'd1 : rank_q) + 8'(number3_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      valid_q  <= '0;
    end else begin
      valid_q <= {valid_q[2:0], active_q};
      if (start_i)                                       active_q <= 1'b1;
      else if (active_q && group_last && token_last)     active_q <= 1'b0;
    end
    if (start_i) begin
      token_q <= '0;
      group_q <= '0;
    end else if (active_q) begin
      group_q <= group_last ? 3'd0 : group_q + 3'd1;
      if (group_last) token_q <= token_q + 7'd1;
    end
    if (active_q) begin
      token1_q      <= token_q;
      group1_q      <= group_q;
      seen1_q       <= seen;
      first_last1_q <= {group_q == 3'd0, group_last};
      kind1_q       <= {token_q == 7'd0, token_last};
    end
    if (valid_q[0]) begin
      limit2_q      <= 8'((19'(rho_num_i) * 19'(seen1_q) + 19'd1023) >> 10);
      first_last2_q <= first_last1_q;
      kind2_q       <= kind1_q;
    end
    if (valid_q[1]) begin
      number3_q     <= ones(above2_q);
      limit3_q      <= limit2_q;
      first_last3_q <= first_last2_q;
      kind3_q       <= kind2_q;
    end
    if (valid_q[2]) begin
      rank_q  <= rank_d;
      eight_o <= kind3_q[1] || rank_d < limit3_q;
      last_o  <= kind3_q[0];
    end
    if (!rst_ni) valid_o <= 1'b0;
    else         valid_o <= valid_q[2] && first_last3_q[0];
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !active_q && valid_q == 4'd0 && tokens_i != 8'd0);
`endif
endmodule
