// SPDX-License-Identifier: Apache-2.0
// Activation of one beat in 8 lanes (hls/gated.hpp). Values are clamped to 14 bits.
//   gelu_i = 0: 8 (gate, up) pairs, lanes 2i and 2i+1 of gu_i, to 8 codes of silu(gate) * up (silu_mul).
//   gelu_i = 1: 16 values to 16 codes of gelu(value) (gelu_code): first lanes 0..7, in the next cycle lanes 8..15, as if the up values were 1.
// Latency: 4 (SiLU, GELU) + 1 (product) + 3 (requantisation) = 8 cycles, gelu 9. No stall; a beat per cycle, gelu every other cycle.
// gelu, frac, m, s stay constant while beats are inside.
// Parameter contract: none.
module squat_post_gated (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         gelu_i,
  input  logic [3:0]   frac_i,
  input  logic [16:0]  m_i,
  input  logic [5:0]   s_i,
  input  logic         valid_i,
  input  logic         eight_i,
  input  logic [511:0] gu_i,
  output logic         valid_o,
  output logic [127:0] codes_o
);
  // The upper half of a GELU beat follows its lower half.
  logic            upper_q, upper_eight_q, lane_valid;
  logic [8*14-1:0] upper_value_q, gate, silu;
  logic            silu_valid;
  assign lane_valid = valid_i || upper_q;
  always_ff @(posedge clk_i) begin
    upper_q <= valid_i && gelu_i && rst_ni;
    if (valid_i) upper_eight_q <= eight_i;
  end
  squat_post_gate #(.Lanes(8)) u_gate (
    .clk_i, .rst_ni, .gelu_i, .frac_i, .valid_i(lane_valid), .g_i(gate), .valid_o(silu_valid), .gate_o(silu)
  );

  // Up values and widths wait for the gate: shift registers that move only behind valid beats.
  logic [2:0] moving_q;
  logic [3:0] eight_q;
  logic       product_valid_q, product_eight_q;
  always_ff @(posedge clk_i) begin
    moving_q        <= {moving_q[1:0], lane_valid && rst_ni};
    eight_q         <= {eight_q[2:0], upper_q ? upper_eight_q : eight_i};
    product_valid_q <= silu_valid && rst_ni;
    product_eight_q <= eight_q[3];
  end

  logic [8*32-1:0] product_q;
  for (genvar i = 0; i < 8; i = i + 1) begin : gen_pair
    logic [13:0] up_1_q, up_2_q, up_3_q, up_4_q;
    assign gate[14*i +: 14] = upper_q ? upper_value_q[14*i +: 14] : gelu_i ? gu_i[32*i +: 14] : gu_i[64*i +: 14];
    always_ff @(posedge clk_i) begin
      if (valid_i && gelu_i) upper_value_q[14*i +: 14] <= gu_i[256+32*i +: 14];
      if (lane_valid) up_1_q <= gelu_i ? 14'd1 : gu_i[64*i+32 +: 14];
      if (moving_q[0]) up_2_q <= up_1_q;
      if (moving_q[1]) up_3_q <= up_2_q;
      if (moving_q[2]) up_4_q <= up_3_q;
      if (silu_valid) product_q[32*i +: 32] <= 32'($signed(silu[14*i +: 14])) * 32'($signed(up_4_q));
    end
  end

  logic [8*32-1:0] code;
  logic            code_valid, unused_eight;
  squat_post_requant #(.Lanes(8), .Bits(8)) u_requant (
    .clk_i, .rst_ni,
    .m_even_i(m_i), .m_odd_i(m_i), .s_even_i(s_i), .s_odd_i(s_i), .code_i(1'b1), .max_i(32'd0),
    .valid_i(product_valid_q), .eight_i(product_eight_q), .x_i(product_q),
    .valid_o(code_valid), .eight_o(unused_eight), .y_o(code)
  );

  // Codes of a lower half wait for those of the upper one.
  logic        second_q;
  logic [63:0] codes, lower_q;
  for (genvar i = 0; i < 8; i = i + 1) begin : gen_code
    assign codes[8*i +: 8] = code[32*i +: 8];
  end
  always_ff @(posedge clk_i) begin
    if (code_valid) lower_q <= codes;
    if (!rst_ni) second_q <= 1'b0;
    else if (code_valid && gelu_i) second_q <= !second_q;
  end
  assign valid_o = code_valid && (!gelu_i || second_q);
  assign codes_o = gelu_i ? {codes, lower_q} : {64'd0, codes};

  // Values were clamped to 14 bits, codes to 8.
  logic unused_high;
  assign unused_high = ^{gu_i, code};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) begin
      assert (!upper_q) else $error("squat_post_gated: GELU beats in consecutive cycles");
      for (int unsigned i = 0; i < 16; i = i + 1) begin
        assert ($signed(gu_i[32*i +: 32]) == 32'($signed(gu_i[32*i +: 14]))) else $error("squat_post_gated: beyond 14 bits");
      end
    end
  end
`endif
endmodule
