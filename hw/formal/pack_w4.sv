// SPDX-License-Identifier: Apache-2.0
// One packed multiplication of 4-bit weights is the weighted sum of its products, for every operand. Combinational.
//   Mode 0 (W4A8): m = w1*a * 2^22 + w0*a;   mode 1 (W4A4): m = w1*a1 * 2^33 + w1*a0 * 2^22 + w0*a1 * 2^11 + w0*a0.
module pack_w4 #(
  parameter logic [1:0] Mode = 2'd0
) (
  input logic [7:0] w_i,
  input logic [7:0] a0_i,
  input logic [3:0] a1_i
);
  logic signed [47:0] m, w0, w1, a0, a1;
  assign m  = 48'(squat_pack_pkg::weights4(w_i)) * 48'(squat_pack_pkg::codes(Mode, a1_i, a0_i));
  assign w0 = 48'($signed(w_i[3:0]));
  assign w1 = 48'($signed(w_i[7:4]));
  assign a0 = Mode == 2'd1 ? 48'($signed(a0_i[6:3])) : 48'($signed(a0_i));
  assign a1 = Mode == 2'd1 ? 48'($signed(a1_i)) : 48'sd0;

  always_comb begin
    // -8 beside a negative neighbour leaves the 27-bit port: the number format excludes it.
    assume (w_i[7:4] != 4'd8 && w_i[3:0] != 4'd8);
    assert (m == ((w1 * a1) <<< 33) + ((w1 * a0) <<< 22) + ((w0 * a1) <<< 11) + w0 * a0);
  end
endmodule
