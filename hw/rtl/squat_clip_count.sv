// SPDX-License-Identifier: Apache-2.0
// Counts codes at an end of their range: -128 or 127 of tokens that keep 8 bits, -64 or 56 (8 times a 4-bit code) of the others.
//
// A beat of Lanes codes per cycle, no stall. Latency: count_o contains a beat two cycles after valid_i. clear_i sets it to 0; it forgets beats of the
// cycles before and of its own cycle. Wraps at 2^32.
// Golden twin: leaf::is_clipped in hls/leaves/clipping.hpp; the Vitis kernel mkmp_gemm counts the same.
// Parameter contract: Lanes 1 to 64.
module squat_clip_count #(
  parameter int unsigned Lanes = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               valid_i,
  input  logic               eight_i,
  input  logic [8*Lanes-1:0] codes_i,
  output logic [31:0]        count_o
);
  logic             valid_q;
  logic [Lanes-1:0] clipped_q;
  logic [6:0]       number;

  for (genvar i = 0; i < Lanes; i = i + 1) begin : gen_lane
    logic [7:0] code;
    assign code = codes_i[8*i +: 8];
    always_ff @(posedge clk_i) begin
      if (valid_i) clipped_q[i] <= eight_i ? code == 8'h80 || code == 8'h7f : code == 8'hc0 || code == 8'h38;
    end
  end

  always_comb begin
    number = 7'd0;
    for (int i = 0; i < Lanes; i++) number = number + 7'(clipped_q[i]);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      count_o <= '0;
    end else begin
      valid_q <= valid_i && !clear_i;
      if (clear_i)      count_o <= '0;
      else if (valid_q) count_o <= count_o + 32'(number);
    end
  end
endmodule
