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
  logic         valid1_q, valid2_q, valid3_q, eight1_q, eight2_q;
  logic [5:0]   shift;
  logic [43:0]  mask_q;  // of codes: bit i for i >= s + 7, 4 bit s + 6; see squat_requant_lane
  logic [511:0] value;

  // A 4-bit code shifts by 3 more.
  assign shift = code_i && !eight1_q ? s_i + 6'd3 : s_i;

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      eight1_q <= eight_i;
      mask_q   <= code_i ? {44{1'b1}} << ({1'b0, s_i} + (eight_i ? 7'd7 : 7'd6)) : '0;
    end
    if (valid1_q) eight2_q <= eight1_q;
    valid1_q <= valid_i;
    valid2_q <= valid1_q;
    valid3_q <= valid2_q;
    if (!rst_ni) {valid1_q, valid2_q, valid3_q} <= '0;
  end

  for (genvar i = 0; i < 16; i++) begin : g_lane
    squat_requant_lane #(.Narrow(1)) u_lane (
      .clk_i, .en_i({valid2_q, valid1_q, valid_i}), .x_i(acc_i[27*i +: 27]), .m_i, .mask_i(mask_q), .shift_i(shift),
      .top_i(code_i ? {3'd0, eight2_q, !eight2_q} : 5'd0), .four_i(code_i && !eight2_q), .y_o(value[32*i +: 32])
    );
    assign byte_o[8*i +: 8] = value[32*i +: 8];
  end
  assign valid_o = valid3_q;
  assign value_o = value;

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid_i |-> s_i != '0 && s_i <= 6'd46);
`endif
endmodule
