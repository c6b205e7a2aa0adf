// SPDX-License-Identifier: Apache-2.0
// squat_dispatch takes exactly the commands of hw/spec/commands.json for their units, for every record: the list below is
// written out from that file, not from the package. Combinational, directly after reset.
module command_units (
  input logic        clk_i,
  input logic        valid_i,
  input logic [7:0]  opcode_i,
  input logic [1:0]  unit_i,
  input logic [15:0] index_i
);
  logic       started_q = 1'b0, ready, bad;
  logic       good;
  logic [3:0] cmd_valid;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  squat_dispatch u_dispatch (
    .clk_i, .rst_ni(started_q), .stop_i(1'b0), .record_ready_i(4'd15), .f_valid_i(started_q && valid_i), .f_cmd_i({502'd0, unit_i, opcode_i}),
    .f_index_i(index_i), .f_corrupt_i(1'b0), .f_ready_o(ready), .f_done_i(1'b0), .cmd_valid_o(cmd_valid), .cmd_o(), .cmd_index_o(), .cmd_ready_i(4'd0), .done_i(4'd0),
    .bad_valid_o(bad), .bad_index_o(), .bad_code_o(), .run_valid_o(), .run_index_o(), .complete_o());

  always_comb begin
    case ({unit_i, opcode_i})
      {2'd0, 8'd1}, {2'd1, 8'd2}, {2'd2, 8'd16}, {2'd2, 8'd17}, {2'd2, 8'd18}, {2'd2, 8'd19}, {2'd3, 8'd32}, {2'd3, 8'd33},
      {2'd3, 8'd34}, {2'd3, 8'd35}: good = 1'b1;
      default: good = 1'b0;
    endcase
    if (started_q && valid_i && bad) assert (!good && !ready);
    if (started_q && valid_i && !good) assert (!ready);
  end
endmodule
