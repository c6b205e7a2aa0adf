// SPDX-License-Identifier: Apache-2.0
// squat_width_rank makes exactly ceil(rho * n) tokens 8 bit: token 0 and those with the largest keys, a lower position first among
// equals. All keys of KeyW bits, all numbers of up to Tokens tokens, every rho. The keys are written first, then ranked; the claim
// stands when the last decision has come. Only comparisons of whole keys decide, so few bits already show every order and tie.
module width_rank #(
  parameter int unsigned Tokens = 6,
  parameter int unsigned KeyW = 3
) (
  input logic                   clk_i,
  input logic [Tokens*KeyW-1:0] keys_i,
  input logic [7:0]             tokens_i,
  input logic [10:0]            rho_num_i
);
  logic [Tokens*KeyW-1:0] keys_q;
  logic [7:0]             tokens_q, cycle_q = '0, decided_q = '0;
  logic [10:0]            rho_q;
  logic [Tokens-1:0]      eight_q = '0;
  logic                   valid, eight, last, done_q = 1'b0;
  logic                   writing;
  assign writing = cycle_q != 8'd0 && cycle_q <= tokens_q;
  squat_width_rank u_rank (
    .clk_i, .rst_ni(cycle_q != 8'd0), .wr_valid_i(writing), .wr_token_i(7'(cycle_q - 8'd1)),
    .wr_key_i(32'(keys_q[KeyW*(cycle_q - 8'd1) +: KeyW])), .start_i(cycle_q == tokens_q + 8'd1 && cycle_q != 8'd0), .prefix_i(1'b0),
    .tokens_i(tokens_q), .rho_num_i(rho_q), .valid_o(valid), .eight_o(eight), .last_o(last));

  always_ff @(posedge clk_i) begin
    if (cycle_q == 8'd0) begin
      keys_q   <= keys_i;
      tokens_q <= tokens_i;
      rho_q    <= rho_num_i;
    end
    cycle_q <= cycle_q + 8'd1;
    if (valid && !done_q && cycle_q != 8'd0) begin
      eight_q[3'(decided_q)] <= eight;
      decided_q <= decided_q + 8'd1;
      done_q    <= last;
    end
  end

  // The definition, by sorting position: a token is chosen if fewer than ceil(rho*n) tokens come before it.
  logic [Tokens-1:0] wanted;
  logic [7:0]        number, before_i;
  always_comb begin
    number = 8'd0;
    for (int i = 0; i < Tokens; i++) begin
      before_i = 8'd0;
      for (int j = 0; j < Tokens; j++) begin
        if (8'(j) < tokens_q && j != i
            && (j == 0 || (i != 0 && (keys_q[KeyW*j +: KeyW] > keys_q[KeyW*i +: KeyW] || (keys_q[KeyW*j +: KeyW] == keys_q[KeyW*i +: KeyW] && j < i)))))
          before_i = before_i + 8'd1;
      end
      wanted[i] = 8'(i) < tokens_q && (i == 0 || 19'(before_i) * 19'd1024 < 19'(rho_q) * 19'(tokens_q));
      number = number + 8'(eight_q[i]);
    end
    assume (tokens_i >= 8'd1 && tokens_i <= 8'(Tokens) && rho_num_i <= 11'd1024);
    if (done_q) begin
      assert (decided_q == tokens_q);
      assert (eight_q == wanted);
      assert (19'(number) * 19'd1024 >= 19'(rho_q) * 19'(tokens_q));
      assert (number <= 8'd1 || (19'(number) - 19'd1) * 19'd1024 < 19'(rho_q) * 19'(tokens_q));
    end
    // It comes to an end.
    if (cycle_q > 8'(3 * Tokens + 8)) assert (done_q);
  end
endmodule
