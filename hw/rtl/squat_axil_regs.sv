// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite control registers (hw/spec/registers.json): ap_ctrl_hs handshake, interrupt, arguments, identity, counters.
// Latency: write response 2 cycles after address and data, read data 1 cycle after the address; one access of each kind at a time.
// start_o pulses once per run, with the arguments latched: writing arguments during a run prepares the next one. done_i ends the run.
// Unmapped addresses answer SLVERR and read 0; writes to read-only registers are ignored with OKAY.
module squat_axil_regs #(
  parameter int unsigned Rows = 16,
  parameter int unsigned Columns = 16,
  parameter int unsigned Bands = 4,
  parameter int unsigned AxiBits = 128,
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         s_awvalid_i,
  input  logic [11:0]  s_awaddr_i,
  output logic         s_awready_o,
  input  logic         s_wvalid_i,
  input  logic [31:0]  s_wdata_i,
  input  logic [3:0]   s_wstrb_i,
  output logic         s_wready_o,
  output logic         s_bvalid_o,
  output logic [1:0]   s_bresp_o,
  input  logic         s_bready_i,
  input  logic         s_arvalid_i,
  input  logic [11:0]  s_araddr_i,
  output logic         s_arready_o,
  output logic         s_rvalid_o,
  output logic [31:0]  s_rdata_o,
  output logic [1:0]   s_rresp_o,
  input  logic         s_rready_i,
  output logic         interrupt_o,
  output logic         start_o,
  input  logic         done_i,
  output logic [63:0]  cmd_addr_o,
  output logic [255:0] w_base_o,
  output logic [63:0]  kv_base_o,
  output logic [63:0]  io_base_o,
  output logic [31:0]  cmd_count_o,
  output logic [31:0]  profile_o,
  output logic [31:0]  weights_units_o,
  output logic [31:0]  kv_units_o,
  output logic [31:0]  io_units_o,
  output logic [31:0]  watchdog_o,
  input  logic [31:0]  status_i,
  input  logic [31:0]  error_index_i,
  input  logic [31:0]  commands_done_i,
  input  logic [511:0] counters_i  // 8 x 64 bit in register order, cycles first
);
  localparam logic [11:0] ArgFirst = squat_spec_pkg::RegCmdAddr;
  localparam logic [11:0] ArgLast = squat_spec_pkg::RegWatchdog;
  localparam logic [11:0] CounterFirst = squat_spec_pkg::RegCycles;
  localparam logic [11:0] CounterLast = squat_spec_pkg::RegFourTokens + 12'd4;
  localparam int unsigned ArgWords = (32'(ArgLast) - 32'(ArgFirst)) / 4 + 1;
  localparam logic [31:0] Caps = {8'd0, 4'($clog2(AxiBits / 8)), 4'(Bands), 8'(Columns), 8'(Rows)};
  localparam logic [1:0] RespOkay = 2'b00;
  localparam logic [1:0] RespSlverr = 2'b10;

  // Parameter contract
  // The arguments lie between cmd_addr and watchdog (weights0..3 consecutive), the counters are eight 64-bit words in counters_i's order.
  if (ArgWords != 20 || CounterLast - CounterFirst != 12'd60 || Rows > 255 || Columns > 255 || Bands > 15) begin : g_bad_map
    $error("squat_axil_regs: register map or parameters do not fit");
  end

  logic        aw_full_q, w_full_q, bvalid_q, rvalid_q;
  logic [11:2] awaddr_q;
  logic [31:0] wdata_q, rdata_q;
  logic [3:0]  wstrb_q;
  logic [1:0]  bresp_q, rresp_q;
  logic        busy_q, start_q, done_q, ready_q, gie_q, ier_q, isr_q, interrupt_q;
  logic [ArgWords*32-1:0] arg_q, run_q;
  logic        unused_bits;

  assign unused_bits = ^{s_awaddr_i[1:0], s_araddr_i[1:0]};  // word addresses

  function automatic logic is_arg(input logic [11:0] addr);
    case (addr)
      squat_spec_pkg::RegCmdAddr, squat_spec_pkg::RegWeights0, squat_spec_pkg::RegWeights1, squat_spec_pkg::RegWeights2,
      squat_spec_pkg::RegWeights3, squat_spec_pkg::RegKv, squat_spec_pkg::RegIo,
      squat_spec_pkg::RegCmdAddr + 12'd4, squat_spec_pkg::RegWeights0 + 12'd4, squat_spec_pkg::RegWeights1 + 12'd4,
      squat_spec_pkg::RegWeights2 + 12'd4, squat_spec_pkg::RegWeights3 + 12'd4, squat_spec_pkg::RegKv + 12'd4,
      squat_spec_pkg::RegIo + 12'd4, squat_spec_pkg::RegCmdCount, squat_spec_pkg::RegProfile, squat_spec_pkg::RegWeightsUnits,
      squat_spec_pkg::RegKvUnits, squat_spec_pkg::RegIoUnits, squat_spec_pkg::RegWatchdog: is_arg = 1'b1;
      default: is_arg = 1'b0;
    endcase
  endfunction

  // ---- write
  logic        wr_do, wr_hit;
  logic [11:0] wr_addr;

  assign s_awready_o = !aw_full_q;
  assign s_wready_o  = !w_full_q;
  assign s_bvalid_o  = bvalid_q;
  assign s_bresp_o   = bresp_q;
  assign wr_addr     = {awaddr_q, 2'b00};
  assign wr_do       = aw_full_q && w_full_q && !bvalid_q;

  // ---- read
  logic        rd_do, rd_hit, rd_ctrl;
  logic [11:0] rd_addr;

  assign s_arready_o = !rvalid_q;
  assign s_rvalid_o  = rvalid_q;
  assign s_rdata_o   = rdata_q;
  assign s_rresp_o   = rresp_q;
  assign rd_addr     = {s_araddr_i[11:2], 2'b00};
  assign rd_do       = s_arvalid_i && s_arready_o;
  assign rd_ctrl     = rd_do && rd_addr == squat_spec_pkg::RegApCtrl;

  function automatic logic mapped(input logic [11:0] addr);
    case (addr)
      squat_spec_pkg::RegApCtrl, squat_spec_pkg::RegGie, squat_spec_pkg::RegIer, squat_spec_pkg::RegIsr,
      squat_spec_pkg::RegId, squat_spec_pkg::RegSpecHash, squat_spec_pkg::RegSpecHash + 12'd4,
      squat_spec_pkg::RegCaps, squat_spec_pkg::RegCapsAsram, squat_spec_pkg::RegCapsVsram, squat_spec_pkg::RegCapsRing, squat_spec_pkg::RegCapsBias,
      squat_spec_pkg::RegStatus, squat_spec_pkg::RegErrorIndex, squat_spec_pkg::RegCommandsDone: mapped = 1'b1;
      default: mapped = is_arg(addr) || (addr >= CounterFirst && addr <= CounterLast);
    endcase
  endfunction

  assign wr_hit = mapped(wr_addr);
  assign rd_hit = mapped(rd_addr);

  // Called under rd_do only. One word per term: a part-select at a variable place would be a shifter of all words.
  function automatic logic [31:0] read_word(input logic [11:0] addr);
    case (addr)
      squat_spec_pkg::RegApCtrl:           read_word = {28'd0, ready_q, !busy_q, done_q, busy_q};
      squat_spec_pkg::RegGie:              read_word = {31'd0, gie_q};
      squat_spec_pkg::RegIer:              read_word = {31'd0, ier_q};
      squat_spec_pkg::RegIsr:              read_word = {31'd0, isr_q};
      squat_spec_pkg::RegId:               read_word = squat_spec_pkg::Id;
      squat_spec_pkg::RegSpecHash:         read_word = squat_spec_pkg::SpecHash[31:0];
      squat_spec_pkg::RegSpecHash + 12'd4: read_word = squat_spec_pkg::SpecHash[63:32];
      squat_spec_pkg::RegCaps:             read_word = Caps;
      squat_spec_pkg::RegCapsAsram:        read_word = AsramDepth;
      squat_spec_pkg::RegCapsVsram:        read_word = VsramDepth;
      squat_spec_pkg::RegCapsRing:         read_word = RingDepth;
      squat_spec_pkg::RegCapsBias:         read_word = BiasDepth;
      squat_spec_pkg::RegStatus:           read_word = status_i;
      squat_spec_pkg::RegErrorIndex:       read_word = error_index_i;
      squat_spec_pkg::RegCommandsDone:     read_word = commands_done_i;
      default: begin
        read_word = '0;
        for (int unsigned w = 0; w < ArgWords; w++) read_word = read_word | (addr == ArgFirst + 12'(4 * w) ? arg_q[32*w +: 32] : '0);
        for (int unsigned w = 0; w < 16; w++) read_word = read_word | (addr == CounterFirst + 12'(4 * w) ? counters_i[32*w +: 32] : '0);
      end
    endcase
  endfunction

  always_ff @(posedge clk_i) begin
    if (s_awvalid_i && s_awready_o) begin
      aw_full_q <= 1'b1;
      awaddr_q  <= s_awaddr_i[11:2];
    end
    if (s_wvalid_i && s_wready_o) begin
      w_full_q <= 1'b1;
      wdata_q  <= s_wdata_i;
      wstrb_q  <= s_wstrb_i;
    end
    if (s_bready_i) bvalid_q <= 1'b0;
    if (s_rready_i) rvalid_q <= 1'b0;
    start_q     <= 1'b0;
    interrupt_q <= gie_q && isr_q;

    if (rd_do) begin
      rvalid_q <= 1'b1;
      rdata_q  <= read_word(rd_addr);
      rresp_q  <= rd_hit ? RespOkay : RespSlverr;
    end
    if (rd_ctrl) begin
      done_q  <= 1'b0;
      ready_q <= 1'b0;
    end
    if (wr_do) begin
      aw_full_q <= 1'b0;
      w_full_q  <= 1'b0;
      bvalid_q  <= 1'b1;
      bresp_q   <= wr_hit ? RespOkay : RespSlverr;
      for (int unsigned w = 0; w < ArgWords; w++) begin
        for (int b = 0; b < 4; b++) begin
          if (wr_addr == ArgFirst + 12'(4 * w) && wstrb_q[b]) arg_q[32*w + 8*b +: 8] <= wdata_q[8*b +: 8];
        end
      end
      if (wstrb_q[0] && wr_addr == squat_spec_pkg::RegGie) gie_q <= wdata_q[0];
      if (wstrb_q[0] && wr_addr == squat_spec_pkg::RegIer) ier_q <= wdata_q[0];
      if (wstrb_q[0] && wr_addr == squat_spec_pkg::RegIsr) isr_q <= isr_q ^ wdata_q[0];
      if (wstrb_q[0] && wr_addr == squat_spec_pkg::RegApCtrl && wdata_q[0] && !busy_q) begin
        busy_q  <= 1'b1;
        start_q <= 1'b1;
        run_q   <= arg_q;
      end
    end
    if (done_i && busy_q) begin
      busy_q  <= 1'b0;
      done_q  <= 1'b1;
      ready_q <= 1'b1;
      if (ier_q) isr_q <= 1'b1;
    end
    if (!rst_ni) begin
      {aw_full_q, w_full_q, bvalid_q, rvalid_q} <= '0;
      {busy_q, start_q, done_q, ready_q, gie_q, ier_q, isr_q, interrupt_q} <= '0;
      arg_q <= '0;
    end
  end

  // ---- arguments of the run
  assign interrupt_o     = interrupt_q;
  assign start_o         = start_q;
  assign cmd_addr_o      = run_q[8*(squat_spec_pkg::RegCmdAddr - ArgFirst) +: 64];
  assign w_base_o        = run_q[8*(squat_spec_pkg::RegWeights0 - ArgFirst) +: 256];
  assign kv_base_o       = run_q[8*(squat_spec_pkg::RegKv - ArgFirst) +: 64];
  assign io_base_o       = run_q[8*(squat_spec_pkg::RegIo - ArgFirst) +: 64];
  assign cmd_count_o     = run_q[8*(squat_spec_pkg::RegCmdCount - ArgFirst) +: 32];
  assign profile_o       = run_q[8*(squat_spec_pkg::RegProfile - ArgFirst) +: 32];
  assign weights_units_o = run_q[8*(squat_spec_pkg::RegWeightsUnits - ArgFirst) +: 32];
  assign kv_units_o      = run_q[8*(squat_spec_pkg::RegKvUnits - ArgFirst) +: 32];
  assign io_units_o      = run_q[8*(squat_spec_pkg::RegIoUnits - ArgFirst) +: 32];
  assign watchdog_o      = run_q[8*(squat_spec_pkg::RegWatchdog - ArgFirst) +: 32];

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) s_rvalid_o && !s_rready_i |=> s_rvalid_o && $stable(s_rdata_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) s_bvalid_o && !s_bready_i |=> s_bvalid_o && $stable(s_bresp_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_o |=> !start_o);
`endif
endmodule
