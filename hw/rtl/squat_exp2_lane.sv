// SPDX-License-Identifier: Apache-2.0
// 2^-(t * 2^-12) with 20 fraction bits for t in 0 .. 31*4096: 64 entries per octave, linear interpolation, rounded shift by the
// octave.
// Latency 4 cycles, one value per cycle; en_i[s] enables stage s (the caller's valid pipeline). Golden twin:
// hls::exp2_negative.
module squat_exp2_lane (
  input  logic        clk_i,
  input  logic [3:0]  en_i,
  input  logic [16:0] t_i,
  output logic [20:0] e_o
);
  logic [20:0] high1_q, high2_q, high3_q;
  logic [13:0] step1_q;  // to the next entry, downwards
  logic [4:0]  octave1_q, octave2_q, octave3_q;
  logic [5:0]  frac1_q;
  logic [19:0] drop2_q;
  // rsh(e, octave) = ((2e >> octave) + 1) >> 1.
  function automatic logic [20:0] rounded_shift(input logic [20:0] e, input logic [4:0] octave);
    rounded_shift = 21'((({1'b0, e, 1'b0} >> octave) + 23'd1) >> 1);
  endfunction

  logic [34:0] entries [0:63];  // {entry, step}
  initial begin
    for (int i = 0; i < 64; i++) begin
      entries[i] = {squat_spec_pkg::Exp2[21*i +: 21], 14'(squat_spec_pkg::Exp2[21*i +: 21] - squat_spec_pkg::Exp2[21*i+21 +: 21])};
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      {high1_q, step1_q} <= entries[t_i[11:6]];
      frac1_q            <= t_i[5:0];
      octave1_q          <= t_i[16:12];
    end
    if (en_i[1]) begin
      drop2_q   <= 20'(step1_q) * 20'(frac1_q);
      high2_q   <= high1_q;
      octave2_q <= octave1_q;
    end
    if (en_i[2]) begin
      high3_q   <= high2_q - 21'((drop2_q + 20'd32) >> 6);
      octave3_q <= octave2_q;
    end
    if (en_i[3]) e_o <= rounded_shift(high3_q, octave3_q);
  end
endmodule
