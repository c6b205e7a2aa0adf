// SPDX-License-Identifier: Apache-2.0
// One multiply-accumulate cell with the shape of a DSP48E2: 27 x 18 signed, 48-bit result, three register stages (A/B, M, P).
//
// Latency: p_o contains the product of a_i, b_i after three clock edges, each under its own enable. restart_i accompanies ce_p_i: the
// sum starts again with the product in M instead of adding to P. No handshake; the array drives the enables.
// OperandRegs = 0 leaves out the A/B stage for users that hold the operands of many cells in shared registers of their own: the
// same registers, merged. A synthesis body with an explicit primitive replaces only this module.
module squat_dsp #(
  parameter int unsigned OperandRegs = 1
) (
  input  logic               clk_i,
  input  logic               ce_ab_i,
  input  logic               ce_m_i,
  input  logic               ce_p_i,
  input  logic               restart_i,
  input  logic signed [26:0] a_i,
  input  logic signed [17:0] b_i,
  output logic signed [47:0] p_o
);
  // Parameter contract
  // OperandRegs is 0 or 1.
  logic signed [26:0] a;
  logic signed [17:0] b;
  logic signed [44:0] m_q;
  logic signed [47:0] p_q;

  if (OperandRegs != 0) begin : g_operand_regs
    logic signed [26:0] a_q;
    logic signed [17:0] b_q;
    always_ff @(posedge clk_i) begin
      if (ce_ab_i) begin
        a_q <= a_i;
        b_q <= b_i;
      end
    end
    assign a = a_q;
    assign b = b_q;
  end else begin : g_shared_operands
    logic unused_ce;
    assign unused_ce = ce_ab_i;
    assign a = a_i;
    assign b = b_i;
  end

  always_ff @(posedge clk_i) begin
    if (ce_m_i) m_q <= 45'(a) * 45'(b);
    if (ce_p_i) p_q <= (restart_i ? 48'sd0 : p_q) + 48'(m_q);
  end

  assign p_o = p_q;
endmodule
