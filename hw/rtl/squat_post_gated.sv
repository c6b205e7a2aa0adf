// SPDX-License-Identifier: Apache-2.0
// Gated activation of one beat: 8 (gate, up) pairs to 8 codes of silu(gate) * up (hls/gated.hpp, silu_mul).
//
// Lane 2i of gu_i is the gate, lane 2i+1 the up value of pair i, both clamped to 14 bits.
// Latency: 4 (SiLU) + 1 (product) + 3 (requantisation) = 8 cycles, a beat per cycle, no stall.
// frac, m, s stay constant while beats are inside.
// Parameter contract: none.
module squat_post_gated (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [3:0]   frac_i,
  input  logic [16:0]  m_i,
  input  logic [5:0]   s_i,
  input  logic         valid_i,
  input  logic         eight_i,
  input  logic [511:0] gu_i,
  output logic         valid_o,
  output logic [63:0]  codes_o
);
  logic [8*14-1:0] gate, silu;
  logic            silu_valid;
  squat_post_silu #(.Lanes(8)) u_silu (
    .clk_i, .rst_ni, .frac_i, .valid_i, .g_i(gate), .valid_o(silu_valid), .silu_o(silu)
  );

  // Up values and widths wait for the SiLU: shift registers that move only behind valid beats.
  logic [2:0] moving_q;
  logic [3:0] eight_q;
  logic       product_valid_q, product_eight_q;
  always_ff @(posedge clk_i) begin
    moving_q        <= {moving_q[1:0], valid_i && rst_ni};
    eight_q         <= {eight_q[2:0], eight_i};
    product_valid_q <= silu_valid && rst_ni;
    product_eight_q <= eight_q[3];
  end

  logic [8*32-1:0] product_q;
  for (genvar i = 0; i < 8; i = i + 1) begin : gen_pair
    logic [13:0] up_1_q, up_2_q, up_3_q, up_4_q;
    assign gate[14*i +: 14] = gu_i[64*i +: 14];
    always_ff @(posedge clk_i) begin
      if (valid_i) up_1_q <= gu_i[64*i+32 +: 14];
      if (moving_q[0]) up_2_q <= up_1_q;
      if (moving_q[1]) up_3_q <= up_2_q;
      if (moving_q[2]) up_4_q <= up_3_q;
      if (silu_valid) product_q[32*i +: 32] <= 32'($signed(silu[14*i +: 14])) * 32'($signed(up_4_q));
    end
  end

  logic [8*32-1:0] code;
  logic            unused_eight;
  squat_post_requant #(.Lanes(8)) u_requant (
    .clk_i, .rst_ni,
    .m_even_i(m_i), .m_odd_i(m_i), .s_even_i(s_i), .s_odd_i(s_i), .code_i(1'b1), .max_i(32'd0),
    .valid_i(product_valid_q), .eight_i(product_eight_q), .x_i(product_q),
    .valid_o, .eight_o(unused_eight), .y_o(code)
  );
  for (genvar i = 0; i < 8; i = i + 1) begin : gen_code
    assign codes_o[8*i +: 8] = code[32*i +: 8];
  end

  // Values were clamped to 14 bits, codes to 8.
  logic unused_high;
  assign unused_high = ^{gu_i, code};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) begin
      for (int unsigned i = 0; i < 16; i = i + 1) begin
        assert ($signed(gu_i[32*i +: 32]) == 32'($signed(gu_i[32*i +: 14]))) else $error("squat_post_gated: beyond 14 bits");
      end
    end
  end
`endif
endmodule
