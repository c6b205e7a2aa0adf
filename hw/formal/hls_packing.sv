// SPDX-License-Identifier: Apache-2.0
// The operands that the C++ leaves pack are those of squat_pack_pkg, for every input. Combinational.
module hls_packing (
  input logic [7:0]  w4_i,
  input logic [15:0] w8_i,
  input logic [3:0]  a1_i,
  input logic [7:0]  a0_i
);
  logic signed [26:0] w4, w8;
  logic signed [17:0] a44;
  hls_pack_w4 u_w4 (.w1_i(w4_i[7:4]), .w0_i(w4_i[3:0]), .a_o(w4));
  hls_pack_w8 u_w8 (.w1_i(w8_i[15:8]), .w0_i(w8_i[7:0]), .a_o(w8));
  hls_pack_a44 u_a44 (.a1_i(a1_i), .a0_i(a0_i[6:3]), .b_o(a44));

  always_comb begin
    assert (w4 == squat_pack_pkg::weights4(w4_i));
    assert (w8 == squat_pack_pkg::weights8(w8_i));
    assert (a44 == squat_pack_pkg::codes(2'd1, a1_i, a0_i));
  end
endmodule
