// SPDX-License-Identifier: Apache-2.0
// Sorts fetched commands into one queue per unit and issues each when its waits hold.
// Units by squat_spec_pkg::Unit*: 0 load, 1 gemm, 2 vec, 3 io. Latency: 2 cycles from fetch to an idle unit.
// A corrupt record (bad_crc), or one with an unknown opcode or an opcode of another unit (bad_command), raises bad_valid_o for one cycle and
// ends the intake.
// complete_o: all records fetched and every issued command completed. Counters restart with the reset, once per run.
module squat_dispatch #(
  parameter int unsigned Depth = 8
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          stop_i,
  input  logic [3:0]    record_ready_i,
  input  logic          f_valid_i,
  input  logic [511:0]  f_cmd_i,
  input  logic [15:0]   f_index_i,
  input  logic          f_corrupt_i,
  output logic          f_ready_o,
  input  logic          f_done_i,
  output logic [3:0]    cmd_valid_o,
  output logic [2047:0] cmd_o,
  output logic [63:0]   cmd_index_o,
  input  logic [3:0]    cmd_ready_i,
  input  logic [3:0]    done_i,
  output logic          bad_valid_o,
  output logic [15:0]   bad_index_o,
  output logic [7:0]    bad_code_o,
  output logic [3:0]    run_valid_o,
  output logic [63:0]   run_index_o,
  output logic          complete_o
);
  // Parameter contract
  // Depth is a power of two; unit codes are 0..3 in the order above.
  if (Depth < 2 || squat_spec_pkg::UnitLoad != 2'd0 || squat_spec_pkg::UnitGemm != 2'd1 || squat_spec_pkg::UnitVec != 2'd2 ||
      squat_spec_pkg::UnitIo != 2'd3) begin : g_bad_parameters
    $error("squat_dispatch: Depth or unit codes");
  end

  logic [7:0]  opcode;
  logic [1:0]  unit, wanted;
  logic        known, bad_q, bad;
  logic [63:0] counts_q;
  logic [3:0]  push_ready, empty;

  assign opcode = f_cmd_i[squat_spec_pkg::CmdOpcodeLsb +: squat_spec_pkg::CmdOpcodeW];
  assign unit   = f_cmd_i[squat_spec_pkg::CmdUnitLsb +: squat_spec_pkg::CmdUnitW];

  always_comb begin
    known  = 1'b1;
    wanted = squat_spec_pkg::UnitLoad;
    case (opcode)
      squat_spec_pkg::OpLoad: wanted = squat_spec_pkg::UnitLoad;
      squat_spec_pkg::OpGemm: wanted = squat_spec_pkg::UnitGemm;
      squat_spec_pkg::OpNorm, squat_spec_pkg::OpSoftmax, squat_spec_pkg::OpTclm, squat_spec_pkg::OpRopeTable: wanted = squat_spec_pkg::UnitVec;
      squat_spec_pkg::OpLoadResidual, squat_spec_pkg::OpLoadParams, squat_spec_pkg::OpAppendK, squat_spec_pkg::OpAppendV:
        wanted = squat_spec_pkg::UnitIo;
      default: known = 1'b0;
    endcase
  end

  assign bad         = f_valid_i && (f_corrupt_i || !known || wanted != unit);
  assign bad_code_o  = f_corrupt_i ? squat_spec_pkg::ErrorBadCrc : squat_spec_pkg::ErrorBadCommand;
  assign bad_valid_o = bad && !bad_q && !stop_i;
  assign bad_index_o = f_index_i;
  assign f_ready_o   = !bad && !bad_q && !stop_i && push_ready[unit];
  assign complete_o  = f_done_i && (&empty) && !bad_q;

  always_ff @(posedge clk_i) begin
    if (bad) bad_q <= 1'b1;
    for (int u = 0; u < 4; u++) begin
      if (done_i[u]) counts_q[16*u +: 16] <= counts_q[16*u +: 16] + 16'd1;
    end
    if (!rst_ni) begin
      bad_q    <= 1'b0;
      counts_q <= '0;
    end
  end

  for (genvar u = 0; u < 4; u++) begin : g_unit
    squat_cmd_queue #(
      .Depth(Depth)
    ) u_queue (
      .clk_i,
      .rst_ni,
      .stop_i,
      .push_valid_i(f_valid_i && f_ready_o && unit == 2'(u)),
      .push_cmd_i  (f_cmd_i),
      .push_index_i(f_index_i),
      .push_ready_o(push_ready[u]),
      .record_ready_i(record_ready_i[u]),
      .counts_i    (counts_q),
      .cmd_valid_o (cmd_valid_o[u]),
      .cmd_o       (cmd_o[512*u +: 512]),
      .cmd_index_o (cmd_index_o[16*u +: 16]),
      .cmd_ready_i (cmd_ready_i[u]),
      .done_i      (done_i[u]),
      .run_valid_o (run_valid_o[u]),
      .run_index_o (run_index_o[16*u +: 16]),
      .empty_o     (empty[u])
    );
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) f_valid_i && f_ready_o |-> known && wanted == unit);
`endif
endmodule
