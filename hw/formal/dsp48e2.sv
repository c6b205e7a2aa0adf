// SPDX-License-Identifier: Apache-2.0
// What squat_dsp uses of the DSP48E2 (AMD UG579, "UltraScale Architecture DSP Slice"): A2/B2, M and P registers, the 27 x 18
// multiplier, and the adder with W = 0, Z = 0 or P, X and Y the product. Our own reading of the guide, not the vendor's model; every
// other configuration gives an unknown result and so fails a proof.
module DSP48E2 #(
  parameter int unsigned AREG = 1, ACASCREG = 1, BREG = 1, BCASCREG = 1, MREG = 1, PREG = 1, OPMODEREG = 1,
  parameter int unsigned ADREG = 1, DREG = 1, CREG = 1, ALUMODEREG = 1, INMODEREG = 1, CARRYINREG = 1, CARRYINSELREG = 1,
  parameter USE_MULT = "MULTIPLY"
) (
  input  logic        CLK,
  input  logic [29:0] A, ACIN,
  input  logic [17:0] B, BCIN,
  input  logic [47:0] C, PCIN,
  input  logic [26:0] D,
  input  logic        CARRYIN, CARRYCASCIN, MULTSIGNIN,
  input  logic [3:0]  ALUMODE,
  input  logic [2:0]  CARRYINSEL,
  input  logic [4:0]  INMODE,
  input  logic [8:0]  OPMODE,
  input  logic        CEA1, CEA2, CEB1, CEB2, CEM, CEP, CEC, CED, CEAD, CEALUMODE, CECTRL, CEINMODE, CECARRYIN,
  input  logic        RSTA, RSTB, RSTC, RSTD, RSTM, RSTP, RSTALUMODE, RSTCTRL, RSTINMODE, RSTALLCARRYIN,
  output logic [47:0] P, PCOUT,
  output logic [29:0] ACOUT,
  output logic [17:0] BCOUT,
  output logic [3:0]  CARRYOUT,
  output logic        CARRYCASCOUT, MULTSIGNOUT, OVERFLOW, UNDERFLOW, PATTERNDETECT, PATTERNBDETECT,
  output logic [7:0]  XOROUT
);
  logic [29:0]        a2_q;
  logic [17:0]        b2_q;
  logic signed [26:0] a;
  logic signed [17:0] b;
  logic signed [44:0] m_q;
  logic [47:0]        p_q, z;
  logic               known;

  assign a = AREG == 0 ? A[26:0] : a2_q[26:0];
  assign b = BREG == 0 ? B : b2_q;
  assign z = OPMODE[6:4] == 3'b010 ? p_q : 48'd0;
  assign known = MREG == 1 && PREG == 1 && OPMODEREG == 0 && AREG < 2 && BREG < 2 && ALUMODE == 4'd0 && INMODE == 5'd0 && !CARRYIN
                 && CARRYINSEL == 3'd0 && OPMODE[8:7] == 2'b00 && (OPMODE[6:4] == 3'b010 || OPMODE[6:4] == 3'b000)
                 && OPMODE[3:0] == 4'b0101 && !(RSTA || RSTB || RSTM || RSTP);

  always_ff @(posedge CLK) begin
    if (CEA2) a2_q <= A;
    if (CEB2) b2_q <= B;
    if (CEM) m_q <= 45'(a) * 45'(b);
    if (CEP) p_q <= known ? z + 48'(m_q) : 48'd0;
  end
  assign P = p_q;
endmodule
