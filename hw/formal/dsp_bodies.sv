// SPDX-License-Identifier: Apache-2.0
// The behavioural body of squat_dsp and the explicit DSP48E2 give the same sums, for any use of the enables and of restart, and
// whatever function the multiplier computes. They start equal: after one product has been loaded with restart, which is how the array
// starts every block.
module dsp_bodies #(
  parameter int unsigned OperandRegs = 0
) (
  input logic               clk_i,
  input logic               ce_ab_i, ce_m_i, ce_p_i, restart_i,
  input logic signed [26:0] a_i,
  input logic signed [17:0] b_i
);
  logic signed [47:0] behaviour, primitive;
  logic               operands_q = 1'b0, product_q = 1'b0, sum_q = 1'b0;  // has the stage been written

  squat_dsp #(.Primitive(0), .OperandRegs(OperandRegs)) u_behaviour (
    .clk_i, .ce_ab_i, .ce_m_i, .ce_p_i, .restart_i, .a_i, .b_i, .p_o(behaviour));
  squat_dsp #(.Primitive(1), .OperandRegs(OperandRegs)) u_primitive (
    .clk_i, .ce_ab_i, .ce_m_i, .ce_p_i, .restart_i, .a_i, .b_i, .p_o(primitive));

  always_ff @(posedge clk_i) begin
    if (ce_ab_i) operands_q <= 1'b1;
    if (ce_m_i && (operands_q || OperandRegs == 0)) product_q <= 1'b1;
    if (ce_p_i && restart_i && product_q) sum_q <= 1'b1;
  end
  // Order of first use.
  always_comb begin
    assume (!ce_m_i || operands_q || OperandRegs == 0);
    assume (!ce_p_i || product_q);
    if (sum_q) assert (behaviour == primitive);
  end
endmodule
