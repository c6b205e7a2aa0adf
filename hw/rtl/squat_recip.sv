// SPDX-License-Identifier: Apache-2.0
// 1/sum = r * 2^-(16 + n) for a sum of exponentials, 2^20 <= sum < 2^31: table of 128 entries and one Newton step.
// Latency 5 cycles, one sum per cycle; no back-pressure. Golden twin: hls::reciprocal.
module squat_recip (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic [30:0] sum_i,
  output logic        valid_o,
  output logic [17:0] r_o,
  output logic [4:0]  n_o
);
  logic [4:0] valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[3:0], valid_i};
  end

  // Bit length, 21..31.
  function automatic logic [4:0] bit_length(input logic [30:0] sum);
    bit_length = 5'd21;
    for (int i = 21; i < 31; i++) begin
      if (sum[i]) bit_length = 5'(i + 1);
    end
  endfunction

  logic [30:0] sum1_q;
  logic [4:0]  n1_q, n2_q, n3_q, n4_q, n5_q;
  logic [17:0] m2_q, m3_q, r5_q;
  logic [16:0] r3_q, r4_q;
  logic [19:0] a4_q, newton;

  assign newton = 20'd524288 - a4_q;  // 2 * 2^18 - m * r

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      sum1_q <= sum_i;
      n1_q   <= bit_length(sum_i);
    end
    if (valid_q[0]) begin
      m2_q <= 18'(sum1_q >> (n1_q - 5'd18));  // 2^17 .. 2^18 - 1
      n2_q <= n1_q;
    end
    if (valid_q[1]) begin
      m3_q <= m2_q;
      r3_q <= squat_spec_pkg::Recip[m2_q[17:10] * 17 +: 17];
      n3_q <= n2_q;
    end
    if (valid_q[2]) begin
      a4_q <= 20'((35'(m3_q) * 35'(r3_q)) >> 15);
      r4_q <= r3_q;
      n4_q <= n3_q;
    end
    if (valid_q[3]) begin
      r5_q <= 18'((37'(r4_q) * 37'(newton)) >> 17);
      n5_q <= n4_q;
    end
  end
  assign valid_o = valid_q[4];
  assign r_o     = r5_q;
  assign n_o     = n5_q;
endmodule
