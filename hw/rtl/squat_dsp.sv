// SPDX-License-Identifier: Apache-2.0
// One multiply-accumulate cell with the shape of a DSP48E2: 27 x 18 signed, 48-bit result, three register stages (A/B, M, P).
//
// Latency: p_o contains the product of a_i, b_i after three clock edges, each under its own enable. restart_i accompanies ce_p_i: the
// sum starts again with the product in M instead of adding to P. No handshake; the array drives the enables.
// OperandRegs = 0 leaves out the A/B stage for users that hold the operands of many cells in shared registers of their own: the
// same registers, merged.
// Primitive = 1 (with SQUAT_DSP48E2 defined, for synthesis) is the same cell as one explicit DSP48E2 of UltraScale+ (AMD UG579):
// tools that do not know its registers leave them outside. Proved equal: hw/formal/dsp_bodies.sv.
module squat_dsp #(
`ifdef SQUAT_DSP48E2
  parameter int unsigned Primitive = 1,
`endif
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
`ifdef SQUAT_DSP48E2
  if (Primitive != 0) begin : g_primitive
    // OPMODE {W, Z, Y, X}: W = 0, Z = P or 0, Y and X together the product.
    DSP48E2 #(
      .AREG(OperandRegs), .ACASCREG(OperandRegs), .BREG(OperandRegs), .BCASCREG(OperandRegs), .MREG(1), .PREG(1), .OPMODEREG(0),
      .ADREG(0), .DREG(0), .CREG(0), .ALUMODEREG(0), .INMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .USE_MULT("MULTIPLY")
    ) u_dsp (
      .CLK(clk_i), .A({{3{a_i[26]}}, a_i}), .B(b_i), .C(48'd0), .D(27'd0), .CARRYIN(1'b0), .ALUMODE(4'd0), .CARRYINSEL(3'd0),
      .INMODE(5'd0), .OPMODE({2'b00, restart_i ? 3'b000 : 3'b010, 2'b01, 2'b01}), .CEA1(1'b0), .CEA2(ce_ab_i), .CEB1(1'b0),
      .CEB2(ce_ab_i), .CEM(ce_m_i), .CEP(ce_p_i), .CEC(1'b0), .CED(1'b0), .CEAD(1'b0), .CEALUMODE(1'b0), .CECTRL(1'b0),
      .CEINMODE(1'b0), .CECARRYIN(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0),
      .RSTALUMODE(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0), .RSTALLCARRYIN(1'b0), .ACIN(30'd0), .BCIN(18'd0), .PCIN(48'd0),
      .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0), .P(p_o), .ACOUT(), .BCOUT(), .PCOUT(), .CARRYCASCOUT(), .CARRYOUT(), .MULTSIGNOUT(),
      .OVERFLOW(), .UNDERFLOW(), .PATTERNDETECT(), .PATTERNBDETECT(), .XOROUT());
  end else begin : g_behaviour
`else
  begin : g_behaviour
`endif
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
  end
endmodule
