// SPDX-License-Identifier: Apache-2.0
// The course of a run: registers, checks of the arguments, first error, watchdog, counters and status block. None of it is reset with the
// units, so the kernel always answers and always accepts the next start; only the status block's writer is.
// Latency: unit_rst_no falls with the start, go_o follows when the arguments hold (squat_run_control); done follows the status block.
module squat_control #(
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
  // to the units and ports
  output logic         unit_rst_no,
  output logic         abort_o,
  output logic         go_o,
  output logic         stop_o,
  output logic [63:0]  cmd_addr_o,
  output logic [15:0]  cmd_count_o,
  output logic [255:0] w_base_o,
  output logic [63:0]  kv_base_o,
  output logic [63:0]  io_base_o,
  output logic [31:0]  weights_units_o,
  output logic [31:0]  kv_units_o,
  output logic [31:0]  io_units_o,
  output logic         profile_o,  // profile records are wanted
  output logic [31:0]  cycle_o,
  // end of the run
  input  logic         commands_complete_i,
  input  logic [4:0]   read_idle_i,
  input  logic         write_idle_i,
  // errors, and the commands that run in the four units
  input  logic         bad_valid_i,
  input  logic [15:0]  bad_index_i,
  input  logic [7:0]   bad_code_i,
  input  logic [4:0]   core_err_valid_i,
  input  logic [39:0]  core_err_code_i,
  input  logic [1:0]   read_err_i,
  input  logic [2:0]   write_err_i,
  input  logic [3:0]   run_valid_i,
  input  logic [63:0]  run_index_i,
  // events to count
  input  logic [95:0]  sums_i,  // of memory: cache as read, cache as written, logits
  input  logic         mac_step_i,
  input  logic         weight_stall_i,
  input  logic         drain_stall_i,
  input  logic [4:0]   read_beat_i,
  input  logic         write_beat_i,
  input  logic [3:0]   unit_done_i,
  input  logic         rep_valid_i,
  input  logic [5:0]   rep_layer_i,
  input  logic [15:0]  rep_total_i,
  input  logic [7:0]   rep_eight_i,
  input  logic [7:0]   rep_four_i,
  // profile records
  input  logic         rec_valid_i,
  input  logic [511:0] rec_i,
  output logic         rec_ready_o,
  // squat_axi_writer client of profile records and status block
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  input  logic         w_ready_i,
  input  logic         w_idle_i
);
  // Parameter contract
  // Those of squat_kernel: but for AxiBits the values are only reported.
  localparam int unsigned Sources = 11;
  localparam int unsigned BeatLsb = $clog2(AxiBits / 8);  // of the weight ports

  logic         start, done, clear, run, armed, fire, complete, status_go, status_done;
  logic [31:0]  cmd_count, profile, watchdog, status, block_status, error_index, commands_done;
  logic [511:0] counters;
  logic         bad_address, bad_parameter, bad_profile, no_status, misaligned;

  squat_axil_regs #(
    .Rows(Rows),
    .Columns(Columns),
    .Bands(Bands),
    .AxiBits(AxiBits),
    .AsramDepth(AsramDepth),
    .VsramDepth(VsramDepth),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth)
  ) u_regs (
    .clk_i,
    .rst_ni,
    .s_awvalid_i,
    .s_awaddr_i,
    .s_awready_o,
    .s_wvalid_i,
    .s_wdata_i,
    .s_wstrb_i,
    .s_wready_o,
    .s_bvalid_o,
    .s_bresp_o,
    .s_bready_i,
    .s_arvalid_i,
    .s_araddr_i,
    .s_arready_o,
    .s_rvalid_o,
    .s_rdata_o,
    .s_rresp_o,
    .s_rready_i,
    .interrupt_o,
    .start_o        (start),
    .done_i         (done),
    .cmd_addr_o,
    .w_base_o,
    .kv_base_o,
    .io_base_o,
    .cmd_count_o    (cmd_count),
    .profile_o      (profile),
    .weights_units_o,
    .kv_units_o,
    .io_units_o,
    .watchdog_o     (watchdog),
    .status_i       (status),
    .error_index_i  (error_index),
    .commands_done_i(commands_done),
    .counters_i     (counters)
  );

  // Bases on beats of the weight ports, the pass buffer on 16 bytes, records on 64 bytes, a pass buffer that can hold the status block, and
  // before it the profile records.
  assign misaligned    = (|cmd_addr_o[5:0]) || (|kv_base_o[BeatLsb-1:0]) || (|io_base_o[3:0]) || (|w_base_o[BeatLsb-1:0]) ||
                         (|w_base_o[64 +: BeatLsb]) || (|w_base_o[128 +: BeatLsb]) || (|w_base_o[192 +: BeatLsb]);
  assign no_status     = io_units_o < 32'd64 || (|io_base_o[3:0]);
  assign profile_o     = profile != '0;
  assign bad_profile   = profile_o && 35'(profile) + {1'b0, cmd_count, 2'b00} + 35'd64 > 35'(io_units_o);
  assign bad_address   = misaligned || no_status || bad_profile;
  assign bad_parameter = cmd_count > 32'd65535;
  assign cmd_count_o   = cmd_count[15:0];

  // ---- errors, lowest first: dispatch, the four units, logits address, reads of fetch and io, writes of records and status, io, logits
  logic [127:0]          unit_index;
  logic [Sources-1:0]    err_valid;
  logic [Sources*8-1:0]  err_code;
  logic [Sources*32-1:0] err_index;

  for (genvar u = 0; u < 4; u++) begin : g_index
    assign unit_index[32*u +: 32] = run_valid_i[u] ? {16'd0, run_index_i[16*u +: 16]} : '1;
  end
  assign err_valid = {write_err_i, read_err_i, core_err_valid_i, bad_valid_i};
  assign err_code  = {{3{squat_spec_pkg::ErrorAxiWrite}}, {2{squat_spec_pkg::ErrorAxiRead}}, core_err_code_i,
                      bad_code_i};
  assign err_index = {unit_index[63:32], unit_index[127:96], 32'hffff_ffff, unit_index[127:96], 32'hffff_ffff,
                      unit_index[63:32], unit_index, 16'd0, bad_index_i};

  assign complete = commands_complete_i && write_idle_i;

  squat_run_control #(
    .Sources(Sources)
  ) u_control (
    .clk_i,
    .rst_ni,
    .start_i             (start),
    .done_o              (done),
    .args_bad_address_i  (bad_address),
    .args_bad_parameter_i(bad_parameter),
    .no_status_i         (no_status),
    .unit_rst_no,
    .abort_o,
    .clear_o             (clear),
    .go_o,
    .run_o               (run),
    .armed_o             (armed),
    .stop_o,
    .watchdog_i          (fire),
    .complete_i          (complete),
    .axi_idle_i          ((&read_idle_i) && write_idle_i),
    .err_valid_i         (err_valid),
    .err_code_i          (err_code),
    .err_index_i         (err_index),
    .status_go_o         (status_go),
    .status_done_i       (status_done),
    .status_o            (status),
    .block_status_o      (block_status),
    .error_index_o       (error_index)
  );

  squat_watchdog u_watchdog (
    .clk_i,
    .rst_ni,
    .clear_i(clear),
    .run_i  (armed),
    .limit_i(watchdog),
    .fire_o (fire)
  );

  // ---- profile records and status block share a client: the records are all written before the block
  logic         rec_req, rec_w, status_req, status_w;
  logic [63:0]  rec_addr, status_addr;
  logic [15:0]  rec_beats, status_beats, rec_strb, status_strb;
  logic [127:0] rec_data, status_data;

  assign cycle_o     = counters[31:0];
  assign req_valid_o = rec_req || status_req;
  assign req_addr_o  = rec_req ? rec_addr : status_addr;
  assign req_beats_o = rec_req ? rec_beats : status_beats;
  assign w_valid_o   = rec_w || status_w;
  assign w_data_o    = rec_w ? rec_data : status_data;
  assign w_strb_o    = rec_w ? rec_strb : status_strb;

  squat_record_writer u_records (
    .clk_i,
    .rst_ni     (unit_rst_no),
    .io_base_i  (io_base_o),
    .profile_i  (profile),
    .rec_valid_i,
    .rec_i,
    .rec_ready_o,
    .req_valid_o(rec_req),
    .req_addr_o (rec_addr),
    .req_beats_o(rec_beats),
    .req_ready_i,
    .w_valid_o  (rec_w),
    .w_data_o   (rec_data),
    .w_strb_o   (rec_strb),
    .w_ready_i
  );

  // ---- counters and status block
  logic [3:0]   layer_quad;
  logic [127:0] layer_words;

  squat_counters #(
    .BeatWords(AxiBits / 128)
  ) u_counters (
    .clk_i,
    .rst_ni,
    .clear_i        (clear),
    .run_i          (run),
    .mac_step_i,
    .weight_stall_i,
    .drain_stall_i,
    .read_beat_i,
    .write_beat_i,
    .done_i         (unit_done_i),
    .rep_valid_i,
    .rep_layer_i,
    .rep_total_i,
    .rep_eight_i,
    .rep_four_i,
    .counters_o     (counters),
    .commands_done_o(commands_done),
    .layer_quad_i   (layer_quad),
    .layer_words_o  (layer_words)
  );

  squat_status_writer u_status (
    .clk_i,
    .rst_ni         (unit_rst_no),
    .go_i           (status_go),
    .done_o         (status_done),
    .io_base_i      (io_base_o),
    .io_units_i     (io_units_o),
    .status_i       (block_status),
    .error_index_i  (error_index),
    .commands_done_i(commands_done),
    .counters_i     (counters),
    .sums_i,
    .layer_quad_o   (layer_quad),
    .layer_words_i  (layer_words),
    .req_valid_o    (status_req),
    .req_addr_o     (status_addr),
    .req_beats_o    (status_beats),
    .req_ready_i,
    .w_valid_o      (status_w),
    .w_data_o       (status_data),
    .w_strb_o       (status_strb),
    .w_ready_i,
    .w_idle_i
  );

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) done |-> !start);
  assert property (@(posedge clk_i) disable iff (!rst_ni) status_go |-> write_idle_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni || !unit_rst_no) !(rec_valid_i && (status_go || status_req || status_w)));
`endif
endmodule
