// SPDX-License-Identifier: Apache-2.0
// 16 lanes of hls::requantize / requantize_attention_code: (acc*m + 2^(s-1)) >> s, then int32 or a value code of 8 (narrow) or 4 bits (c << 3).
// Latency: 3 cycles, one vector per cycle, no stall: the caller reserves room downstream. |acc| < 2^26.
module squat_io_requant (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [16:0]  m_i,      // stable while vectors are under way
  input  logic [5:0]   s_i,      // 1..46, likewise
  input  logic         code_i,   // likewise: 1 codes, 0 int32
  input  logic         valid_i,
  input  logic [431:0] acc_i,    // lane i at [27*i +: 27]
  input  logic         eight_i,  // codes: 8 bit
  output logic         valid_o,
  output logic [511:0] value_o,  // int32 lanes, or the code's sign extension
  output logic [127:0] byte_o    // codes, lane i at [8*i +: 8]
);
  // Parameter contract
  // None.
  logic                valid1_q, valid2_q, valid3_q, eight1_q, eight2_q;
  logic [5:0]          shift;
  logic signed [44:0]  product_q [16];
  logic signed [44:0]  rounded_q [16];
  logic [511:0]        value_q;

  // Half up: floor((floor(p >> (s-1)) + 1) / 2). A 4-bit code shifts by 3 more.
  assign shift = (code_i && !eight1_q ? s_i + 6'd3 : s_i) - 6'd1;

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      for (int i = 0; i < 16; i++) product_q[i] <= $signed(acc_i[27*i +: 27]) * $signed({1'b0, m_i});
      eight1_q <= eight_i;
    end
    if (valid1_q) begin
      for (int i = 0; i < 16; i++) rounded_q[i] <= ((product_q[i] >>> shift) + 45'sd1) >>> 1;
      eight2_q <= eight1_q;
    end
    if (valid2_q) begin
      for (int i = 0; i < 16; i++) begin
        if (!code_i) value_q[32*i +: 32] <= rounded_q[i][31:0];
        else if (eight2_q) begin
          if (rounded_q[i] > 45'sd127) value_q[32*i +: 32] <= 32'sd127;
          else if (rounded_q[i] < -45'sd127) value_q[32*i +: 32] <= -32'sd127;
          else value_q[32*i +: 32] <= rounded_q[i][31:0];
        end else begin
          if (rounded_q[i] > 45'sd7) value_q[32*i +: 32] <= 32'sd56;
          else if (rounded_q[i] < -45'sd8) value_q[32*i +: 32] <= -32'sd64;
          else value_q[32*i +: 32] <= {rounded_q[i][28:0], 3'b000};
        end
      end
    end
    valid1_q <= valid_i;
    valid2_q <= valid1_q;
    valid3_q <= valid2_q;
    if (!rst_ni) {valid1_q, valid2_q, valid3_q} <= '0;
  end

  assign valid_o = valid3_q;
  assign value_o = value_q;
  for (genvar i = 0; i < 16; i++) begin : g_byte
    assign byte_o[8*i +: 8] = value_q[32*i +: 8];
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> s_i != '0 && s_i <= 6'd46);
`endif
endmodule
