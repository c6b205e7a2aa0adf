// SPDX-License-Identifier: Apache-2.0
// Means of LayerNorm rows: mean = clamp(rsh(sum*m, s), int32), kept in a queue of `Banks` until their rows are popped.
// Latency: 4 cycles from sum_valid_i to mean_valid_o, one sum per cycle; the caller never has more than `Banks` rows under way.
// Handshake: mean_valid_o with mean_o is the oldest mean, pop_i takes it.
// Golden twin: hls::layer_mean.
module squat_norm_mean #(
  // Parameter contract: Banks a power of two >= 2.
  parameter int unsigned Banks = 4
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [16:0] m_i,
  input  logic [5:0]  s_i,
  input  logic        sum_valid_i,
  input  logic [43:0] sum_i,
  output logic        mean_valid_o,
  output logic [31:0] mean_o,
  input  logic        pop_i
);
  localparam int unsigned BankW = $clog2(Banks);

  // Half up: ((v >>> (s-1)) + 1) >>> 1.
  function automatic logic signed [61:0] rounded(input logic signed [61:0] product, input logic [5:0] s);
    rounded = ((product >>> (s - 6'd1)) + 62'sd1) >>> 1;
  endfunction
  function automatic logic [31:0] clamped(input logic signed [61:0] v);
    if (v > 62'sd2147483647)       clamped = 32'h7fff_ffff;
    else if (v < -62'sd2147483648) clamped = 32'h8000_0000;
    else                           clamped = v[31:0];
  endfunction

  logic signed [43:0] sum1_q;
  logic signed [61:0] product2_q, rounded3_q;
  logic [2:0]         valid_q;
  logic [31:0]        mean [Banks];
  logic [BankW-1:0]   wr_q, rd_q;
  logic [BankW:0]     count_q;
  always_ff @(posedge clk_i) begin
    if (sum_valid_i) sum1_q     <= sum_i;
    if (valid_q[0])  product2_q <= 62'(sum1_q) * 62'($signed({1'b0, m_i}));
    if (valid_q[1])  rounded3_q <= rounded(product2_q, s_i);
    if (valid_q[2])  mean[wr_q] <= clamped(rounded3_q);
    if (!rst_ni) begin
      valid_q <= '0;
      wr_q    <= '0;
      rd_q    <= '0;
      count_q <= '0;
    end else begin
      valid_q <= {valid_q[1:0], sum_valid_i};
      if (valid_q[2]) wr_q <= wr_q + 1'b1;
      if (pop_i)      rd_q <= rd_q + 1'b1;
      if (valid_q[2] != pop_i) count_q <= pop_i ? count_q - 1'b1 : count_q + 1'b1;
    end
  end
  assign mean_valid_o = count_q != '0;
  assign mean_o       = mean[rd_q];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_q[2] |-> count_q != (BankW + 1)'(Banks));
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_i |-> mean_valid_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) sum_valid_i |-> s_i != '0);
`endif
endmodule
