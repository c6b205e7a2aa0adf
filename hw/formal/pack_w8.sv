// SPDX-License-Identifier: Apache-2.0
// One packed multiplication of 8-bit weights is w1*a * 2^19 + w0*a, for every pair of narrow weights and every code. The code is
// a constant of each of the 256 cases: solvers do not get through with three free operands. Combinational.
module pack_w8 #(
  parameter logic [1:0] Mode = 2'd2  // 2: signed codes, 3: unsigned codes
) (
  input logic [15:0] w_i
);
  logic signed [47:0] w0, w1;
  assign w0 = 48'($signed(w_i[7:0]));
  assign w1 = 48'($signed(w_i[15:8]));

  always_comb assume (w_i[7:0] != 8'h80 && w_i[15:8] != 8'h80);
  for (genvar i = 0; i < 256; i++) begin : g_code
    logic signed [47:0] m, a;
    assign m = 48'(squat_pack_pkg::weights8(w_i)) * 48'(squat_pack_pkg::codes(Mode, 4'd0, 8'(i)));
    assign a = Mode == 2'd3 ? 48'(i) : 48'($signed(8'(i)));
    always_comb assert (m == ((w1 * a) <<< 19) + w0 * a);
  end
endmodule
