// SPDX-License-Identifier: Apache-2.0
// One lane of the softmax, in two pipelines:
//   input side:  score -> e = 2^-(scaled distance to the maximum), 7 cycles: distance, product, shift and cap, 4 cycles of
//     squat_exp2_lane. A lane that is not live gets the largest distance, 31 octaves, which is e = 0.
//   output side: e * r, wide probability = rsh(., n), code: 3 cycles; r belongs to the cycle of e, n to the next one.
// en_*_i[s] enables stage s. The distance saturates at 2^26 - 1: scores of head_dim <= 128 stay below 2^22.
// Golden twin: hls::softmax_distance, hls::exp2_negative, hls::wide_probability, hls::probability_code.
module squat_softmax_lane (
  input  logic        clk_i,
  // Input side.
  input  logic [6:0]  en_in_i,
  input  logic [31:0] score_i,
  input  logic [31:0] max_i,
  input  logic        live_i,
  input  logic [16:0] m_i,
  input  logic [5:0]  s_i,
  output logic [20:0] e_o,
  // Output side.
  input  logic [2:0]  en_out_i,
  input  logic [20:0] e_i,
  input  logic [17:0] r_i,
  input  logic [4:0]  nm1_i,
  output logic [16:0] wide_o,
  output logic [7:0]  code_o
);
  // Input side.
  logic [31:0] below;  // max >= score: the difference fits without a sign
  logic [25:0] distance_q;
  logic [42:0] product_q;
  logic [43:0] half, scaled;
  logic [16:0] t_q;
  logic        live1_q, live2_q;
  assign below  = max_i - score_i;
  // rsh(p, s) = ((2p >> s) + 1) >> 1, also for s = 0.
  assign half   = {product_q, 1'b0} >> s_i;
  assign scaled = (half + 44'd1) >> 1;

  always_ff @(posedge clk_i) begin
    if (en_in_i[0]) begin
      live1_q    <= live_i;
      distance_q <= below[31:26] != 6'd0 ? 26'h3ff_ffff : below[25:0];
    end
    if (en_in_i[1]) begin
      live2_q   <= live1_q;
      product_q <= distance_q * m_i;
    end
    if (en_in_i[2]) t_q <= (!live2_q || scaled > 44'd126976) ? 17'd126976 : scaled[16:0];
  end
  squat_exp2_lane u_exp2 (.clk_i, .en_i(en_in_i[6:3]), .t_i(t_q), .e_o);

  // Output side.
  logic [38:0] product_out_q;
  logic [16:0] rounded;
  assign rounded = (wide_o + 17'd128) >> 8;

  always_ff @(posedge clk_i) begin
    if (en_out_i[0]) product_out_q <= e_i * r_i;
    if (en_out_i[1]) wide_o        <= 17'(((product_out_q >> nm1_i) + 39'd1) >> 1);
    if (en_out_i[2]) code_o        <= rounded > 17'd255 ? 8'd255 : rounded[7:0];
  end
endmodule
