// SPDX-License-Identifier: Apache-2.0
// sin(2*pi * phase / 2^32) with 14 fraction bits: fold into the first quarter, table of 257 entries, linear interpolation, sign
// after rounding.
// Latency 4 cycles, one phase per cycle; en_i[s] enables stage s. Golden twin: hls::sine.
module squat_sine (
  input  logic        clk_i,
  input  logic [3:0]  en_i,
  input  logic [31:0] phase_i,
  output logic [15:0] sine_o
);
  logic [30:0] low;
  logic [24:0] folded1_q;  // without the 6 bits that neither the index nor the fraction sees
  logic        negative1_q, negative2_q, negative3_q;
  logic [18:0] first2_q, first3_q;
  logic [10:0] step2_q;  // to the next entry
  logic [15:0] frac2_q;
  logic [26:0] product3_q;
  assign low = {1'b0, phase_i[29:0]};

  // {entry, step}: a block memory is an eighth of the gates. Entry 256 is the last, its step 0.
  logic [29:0] entries [0:511];
  initial begin
    for (int i = 0; i < 256; i++) begin
      entries[i] = {squat_spec_pkg::SinCos[19*i +: 19], 11'(squat_spec_pkg::SinCos[19*i+19 +: 19] - squat_spec_pkg::SinCos[19*i +: 19])};
    end
    for (int i = 256; i < 512; i++) entries[i] = {squat_spec_pkg::SinCos[19*256 +: 19], 11'd0};
  end

  function automatic logic [15:0] signed_value(input logic [18:0] first, input logic [26:0] product, input logic negative);
    logic [15:0] value;
    value        = 16'(({first, 16'd0} + 35'(product) + 35'd524288) >> 20);
    signed_value = negative ? 16'd0 - value : value;
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      folded1_q   <= 25'((phase_i[30] ? 31'h4000_0000 - low : low) >> 6);
      negative1_q <= phase_i[31];
    end
    if (en_i[1]) begin
      {first2_q, step2_q} <= entries[folded1_q[24:16]];
      frac2_q             <= folded1_q[15:0];
      negative2_q         <= negative1_q;
    end
    if (en_i[2]) begin
      product3_q  <= 27'(step2_q) * 27'(frac2_q);
      first3_q    <= first2_q;
      negative3_q <= negative2_q;
    end
    if (en_i[3]) sine_o <= signed_value(first3_q, product3_q, negative3_q);
  end
endmodule
