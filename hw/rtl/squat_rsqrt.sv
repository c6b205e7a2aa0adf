// SPDX-License-Identifier: Apache-2.0
// 1/sqrt(sum) = r * 2^-(16 + k) for a sum of squares: table of 96 entries and one Newton step.
// Latency 6 cycles, one sum per cycle; no back-pressure. sum = 0 gives r = 0, k = 0. Golden twin: hls::norm_scale_of_sum.
module squat_rsqrt (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic [46:0] sum_i,
  output logic        valid_o,
  output logic [17:0] r_o,
  output logic [4:0]  k_o
);
  logic [5:0] valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[4:0], valid_i};
  end

  // k: bit length / 2, rounded up.
  function automatic logic [4:0] half_length(input logic [46:0] sum);
    half_length = 5'd0;
    for (int i = 0; i < 47; i++) begin
      if (sum[i]) half_length = 5'((i + 2) / 2);
    end
  endfunction

  logic [46:0] sum1_q;
  logic [4:0]  k1_q, k2_q, k3_q, k4_q, k5_q, k6_q;
  logic [5:0]  shift1;
  logic [17:0] m2_q, m3_q;
  logic [16:0] r3_q, r4_q, r5_q;
  logic [19:0] a4_q, b5_q, newton;
  logic [17:0] r6_q;

  // Mantissa: sum * 2^(18 - 2k), 2^16 .. 2^18 - 1.
  assign shift1   = {k1_q, 1'b0};
  assign newton   = 20'd786432 - b5_q;  // 3 * 2^18 - m * r^2

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      sum1_q <= sum_i;
      k1_q   <= half_length(sum_i);
    end
    if (valid_q[0]) begin
      m2_q <= shift1 <= 6'd18 ? 18'(sum1_q << (6'd18 - shift1)) : 18'(sum1_q >> (shift1 - 6'd18));
      k2_q <= k1_q;
    end
    if (valid_q[1]) begin
      m3_q <= m2_q;
      r3_q <= squat_spec_pkg::Rsqrt[m2_q[17:11] * 17 +: 17];
      k3_q <= k2_q;
    end
    if (valid_q[2]) begin
      a4_q <= 20'((35'(m3_q) * 35'(r3_q)) >> 15);
      r4_q <= r3_q;
      k4_q <= k3_q;
    end
    if (valid_q[3]) begin
      b5_q <= 20'((37'(a4_q) * 37'(r4_q)) >> 15);
      r5_q <= r4_q;
      k5_q <= k4_q;
    end
    if (valid_q[4]) begin
      r6_q <= 18'((37'(r5_q) * 37'(newton)) >> 18);
      k6_q <= k5_q;
    end
  end
  assign valid_o = valid_q[5];
  assign r_o     = r6_q;
  assign k_o     = k6_q;
endmodule
