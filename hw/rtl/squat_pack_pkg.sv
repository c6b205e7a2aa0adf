// SPDX-License-Identifier: Apache-2.0
// Operand packing of the MKMP cells (docs/develop/accelerator.md, "The MKMP array"). Proved exact: hw/formal/pack_*.sv.
package squat_pack_pkg;
  // Operand A of a column: the weights of output channels 2c and 2c+1, 22 bits apart.
  function automatic logic signed [26:0] weights4(input logic [7:0] w);
    weights4 = (27'($signed(w[7:4])) <<< 22) + 27'($signed(w[3:0]));
  endfunction

  // 8-bit weights are 19 bits apart; both are -127..127.
  function automatic logic signed [26:0] weights8(input logic [15:0] w);
    weights8 = (27'($signed(w[15:8])) <<< 19) + 27'($signed(w[7:0]));
  endfunction

  // Operand B of a row: one code, or in mode 1 (W4A4) the 4-bit codes of two slots, 11 bits apart. Mode 3: unsigned codes.
  function automatic logic signed [17:0] codes(input logic [1:0] mode, input logic [3:0] a1, input logic [7:0] a0);
    if (mode == 2'd1) codes = (18'($signed(a1)) <<< 11) + 18'($signed(a0[6:3]));
    else codes = {{10{a0[7] && mode != 2'd3}}, a0};
  endfunction
endpackage
