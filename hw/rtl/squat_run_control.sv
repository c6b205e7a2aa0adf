// SPDX-License-Identifier: Apache-2.0
// One run from start to done: reset of the units, first error, settling of the AXI ports, status block.
//   Idle -> Init (reset the units, clear counters) -> Run -> Status -> Done, or Run -> Settle -> Status -> Done after an error or the watchdog.
// unit_rst_no resets the units (registered); abort_o is high with it, for the AXI guards and the writer, which survive the reset.
// After an error, done comes within SettleLimit + 8 cycles whatever the memory does: a status block that cannot be written is skipped.
// On a good run only the watchdog bounds the status block. done_o is one pulse.
module squat_run_control #(
  parameter int unsigned Sources = 9,
  parameter int unsigned SettleLimit = 4096
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,
  output logic                  done_o,
  input  logic                  args_bad_address_i,    // a base or size that cannot be used: no command is fetched
  input  logic                  args_bad_parameter_i,  // command count out of range
  input  logic                  no_status_i,           // the pass buffer has no room for the status block
  output logic                  unit_rst_no,
  output logic                  abort_o,
  output logic                  clear_o,
  output logic                  go_o,     // one pulse: fetch
  output logic                  run_o,    // counters run
  output logic                  armed_o,  // watchdog runs
  output logic                  stop_o,   // nothing further is issued
  input  logic                  watchdog_i,
  input  logic                  complete_i,    // every command done and every write acknowledged
  input  logic                  axi_idle_i,    // nothing outstanding on any port
  input  logic [Sources-1:0]    err_valid_i,   // lowest index first when several come at once
  input  logic [Sources*8-1:0]  err_code_i,
  input  logic [Sources*32-1:0] err_index_i,
  output logic                  status_go_o,
  input  logic                  status_done_i,
  output logic [31:0]           status_o,
  output logic [31:0]           block_status_o,  // as written to the status block: not busy any more
  output logic [31:0]           error_index_o
);
  // Parameter contract
  // SettleLimit <= 65535.
  if (SettleLimit < 16 || SettleLimit > 65535) begin : g_bad_parameters
    $error("squat_run_control: SettleLimit must be 16..65535");
  end

  localparam logic [15:0] ResetCycles = 16'd4;
  localparam logic [31:0] NoIndex = 32'hffff_ffff;

  typedef enum logic [2:0] {StIdle, StInit, StRun, StSettle, StStatus, StDone} state_e;

  state_e      state_q, state_d;
  logic [15:0] timer_q;
  logic        reset_d, unit_rst_nq, failed_q, status_sent_q, found, expired;
  logic [7:0]  code_q, code;
  logic [31:0] index_q, index;

  assign expired = timer_q >= 16'(SettleLimit);

  // ---- first error
  always_comb begin
    found = 1'b0;
    code  = squat_spec_pkg::ErrorNone;
    index = NoIndex;
    for (int s = 0; s < Sources; s++) begin
      if (err_valid_i[s] && !found) begin
        found = 1'b1;
        code  = err_code_i[8*s +: 8];
        index = err_index_i[32*s +: 32];
      end
    end
    if (!found && watchdog_i) begin
      found = 1'b1;
      code  = squat_spec_pkg::ErrorWatchdog;
    end
    if (state_q == StInit) begin  // the units are in reset: only the arguments can be wrong
      found = args_bad_address_i || args_bad_parameter_i;
      code  = args_bad_address_i ? squat_spec_pkg::ErrorBadAddress : squat_spec_pkg::ErrorBadParameter;
      index = NoIndex;
    end
    if (state_q == StIdle || state_q == StDone) found = 1'b0;
  end

  always_comb begin
    state_d = state_q;
    case (state_q)
      StIdle:  if (start_i) state_d = StInit;
      StInit:  if (timer_q > ResetCycles) state_d = found ? StSettle : StRun;
      StRun: begin
        if (found || failed_q) state_d = StSettle;
        else if (complete_i) state_d = StStatus;
      end
      StSettle: begin
        if (expired || no_status_i) state_d = StDone;
        else if (timer_q > ResetCycles && axi_idle_i) state_d = StStatus;
      end
      StStatus: if (status_done_i || ((failed_q || watchdog_i) && expired) || (watchdog_i && !failed_q)) state_d = StDone;
      default:  state_d = StIdle;
    endcase
  end

  assign reset_d     = (state_q == StInit || state_q == StSettle) && timer_q < ResetCycles;
  assign unit_rst_no = unit_rst_nq;
  assign abort_o     = !unit_rst_nq;
  assign clear_o     = state_q == StInit;
  assign go_o        = state_q == StInit && state_d == StRun;
  assign run_o       = state_q == StRun || state_q == StSettle;
  assign armed_o     = state_q == StRun || state_q == StStatus;
  assign stop_o      = failed_q;
  assign status_go_o = state_q == StStatus && !status_sent_q;
  assign done_o      = state_q == StDone;

  assign block_status_o = {16'd0, code_q, 6'd0, failed_q, 1'b0};
  assign status_o       = {16'd0, code_q, 6'd0, failed_q, state_q != StIdle};
  assign error_index_o  = index_q;

  always_ff @(posedge clk_i) begin
    state_q       <= state_d;
    unit_rst_nq   <= !reset_d;
    status_sent_q <= state_q == StStatus;
    // Restarts with Init and Settle; runs on through Status so that both share one limit.
    if (state_d != state_q && (state_d == StInit || state_d == StSettle || state_q == StRun)) timer_q <= '0;
    else if (!expired) timer_q <= timer_q + 16'd1;
    if (state_q == StIdle && start_i) begin
      failed_q <= 1'b0;
      code_q   <= squat_spec_pkg::ErrorNone;
      index_q  <= NoIndex;
    end else if (found && !failed_q) begin
      failed_q <= 1'b1;
      code_q   <= code;
      index_q  <= index;
    end
    if (!rst_ni) begin
      state_q       <= StIdle;
      timer_q       <= '0;
      unit_rst_nq   <= 1'b0;
      status_sent_q <= 1'b0;
      failed_q      <= 1'b0;
      code_q        <= squat_spec_pkg::ErrorNone;
      index_q       <= NoIndex;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) done_o |=> !done_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) state_q == StSettle |-> failed_q);
`endif
endmodule
