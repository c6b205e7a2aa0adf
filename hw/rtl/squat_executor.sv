// SPDX-License-Identifier: Apache-2.0
// Everything that a command passes through: fetch, dispatch, the units with their memories, and its profile record. All of it is reset at every start and
// after an error.
// complete_o: all commands fetched and completed, no logits and no profile records left here. Latency and handshakes: those of the parts.
module squat_executor #(
  parameter int unsigned Columns = 16,
  parameter int unsigned AxiBits = 128,
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          go_i,
  input  logic          stop_i,
  input  logic [63:0]   cmd_addr_i,
  input  logic [15:0]   cmd_count_i,
  output logic          complete_o,
  // a bad record, the commands that run in the four units, their ends, errors of the units
  output logic          bad_valid_o,
  output logic [15:0]   bad_index_o,
  output logic [7:0]    bad_code_o,
  output logic [3:0]    run_valid_o,
  output logic [63:0]   run_index_o,
  output logic [3:0]    done_o,
  output logic [4:0]    err_valid_o,
  output logic [39:0]   err_code_o,
  // arguments
  input  logic [255:0]  w_base_i,
  input  logic [63:0]   kv_base_i,
  input  logic [63:0]   io_base_i,
  input  logic [31:0]   weights_units_i,
  input  logic [31:0]   kv_units_i,
  input  logic [31:0]   io_units_i,
  input  logic          profile_i,  // profile records are wanted
  input  logic [31:0]   cycle_i,
  // weight read masters
  output logic [3:0]    m_arvalid_o,
  output logic [255:0]  m_araddr_o,
  output logic [31:0]   m_arlen_o,
  input  logic [3:0]    m_arready_i,
  input  logic [3:0]    m_rvalid_i,
  input  logic [4*AxiBits-1:0] m_rdata_i,
  input  logic [7:0]    m_rresp_i,
  input  logic [3:0]    m_rlast_i,
  output logic [3:0]    m_rready_o,
  // squat_axi_reader clients fetch (0) and io (1)
  output logic [1:0]    rreq_valid_o,
  output logic [127:0]  rreq_addr_o,
  output logic [31:0]   rreq_beats_o,
  input  logic [1:0]    rreq_ready_i,
  input  logic [1:0]    rd_valid_i,
  input  logic [127:0]  rd_data_i,
  output logic [1:0]    rd_ready_o,
  // squat_axi_writer clients io (0) and logits (1)
  output logic [1:0]    wreq_valid_o,
  output logic [127:0]  wreq_addr_o,
  output logic [31:0]   wreq_beats_o,
  input  logic [1:0]    wreq_ready_i,
  output logic [1:0]    w_valid_o,
  output logic [255:0]  w_data_o,
  output logic [31:0]   w_strb_o,
  input  logic [1:0]    w_ready_i,
  input  logic          io_w_idle_i,
  // profile records
  output logic          rec_valid_o,
  output logic [511:0]  rec_o,
  input  logic          rec_ready_i,
  // counters
  output logic [95:0]   sums_o,  // of memory that the kernel writes: cache as read, cache as written, logits
  output logic          mac_step_o,
  output logic          weight_stall_o,
  output logic          drain_stall_o,
  output logic          rep_valid_o,
  output logic [5:0]    rep_layer_o,
  output logic [15:0]   rep_total_o,
  output logic [7:0]    rep_eight_o,
  output logic [7:0]    rep_four_o
);
  // Parameter contract
  // Those of squat_core.
  logic          f_valid, f_ready, f_done, f_corrupt, dispatch_complete, logits_idle, profile_idle, gemm_last, logits_beat, vec_held, io_held;
  logic [511:0]  f_cmd;
  logic [15:0]   f_index;
  logic [3:0]    cmd_valid, cmd_ready, record_ready, load_last;
  logic [2047:0] cmd;
  logic [63:0]   cmd_index;
  logic [31:0]   opcode;

  assign complete_o = dispatch_complete && logits_idle && profile_idle;

  for (genvar u = 0; u < 4; u++) begin : g_opcode
    assign opcode[8*u +: 8] = cmd[512*u + squat_spec_pkg::CmdOpcodeLsb +: 8];
  end

  // ---- commands
  squat_cmd_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .go_i,
    .cmd_addr_i,
    .cmd_count_i,
    .done_o     (f_done),
    .req_valid_o(rreq_valid_o[0]),
    .req_addr_o (rreq_addr_o[63:0]),
    .req_beats_o(rreq_beats_o[15:0]),
    .req_ready_i(rreq_ready_i[0]),
    .rd_valid_i (rd_valid_i[0]),
    .rd_data_i,
    .rd_ready_o (rd_ready_o[0]),
    .cmd_valid_o(f_valid),
    .cmd_o      (f_cmd),
    .cmd_index_o(f_index),
    .cmd_corrupt_o(f_corrupt),
    .cmd_ready_i(f_ready)
  );

  squat_dispatch u_dispatch (
    .clk_i,
    .rst_ni,
    .stop_i,
    .record_ready_i(record_ready),
    .f_valid_i  (f_valid),
    .f_cmd_i    (f_cmd),
    .f_index_i  (f_index),
    .f_corrupt_i(f_corrupt),
    .f_ready_o  (f_ready),
    .f_done_i   (f_done),
    .cmd_valid_o(cmd_valid),
    .cmd_o      (cmd),
    .cmd_index_o(cmd_index),
    .cmd_ready_i(cmd_ready),
    .done_i     (done_o),
    .bad_valid_o,
    .bad_index_o,
    .bad_code_o,
    .run_valid_o,
    .run_index_o,
    .complete_o (dispatch_complete)
  );

  squat_core #(
    .Columns(Columns),
    .AxiBits(AxiBits),
    .AsramDepth(AsramDepth),
    .VsramDepth(VsramDepth),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth)
  ) u_core (
    .clk_i,
    .rst_ni,
    .cmd_valid_i    (cmd_valid),
    .cmd_i          (cmd),
    .cmd_ready_o    (cmd_ready),
    .done_o,
    .err_valid_o,
    .err_code_o,
    .w_base_i,
    .kv_base_i,
    .io_base_i,
    .weights_units_i,
    .kv_units_i,
    .io_units_i,
    .m_arvalid_o,
    .m_araddr_o,
    .m_arlen_o,
    .m_arready_i,
    .m_rvalid_i,
    .m_rdata_i,
    .m_rresp_i,
    .m_rlast_i,
    .m_rready_o,
    .rreq_valid_o   (rreq_valid_o[1]),
    .rreq_addr_o    (rreq_addr_o[127:64]),
    .rreq_beats_o   (rreq_beats_o[31:16]),
    .rreq_ready_i   (rreq_ready_i[1]),
    .rd_valid_i     (rd_valid_i[1]),
    .rd_data_i,
    .rd_ready_o     (rd_ready_o[1]),
    .wreq_valid_o,
    .wreq_addr_o,
    .wreq_beats_o,
    .wreq_ready_i,
    .w_valid_o,
    .w_data_o,
    .w_strb_o,
    .w_ready_i,
    .io_w_idle_i,
    .logits_idle_o  (logits_idle),
    .sums_o,
    .mac_step_o,
    .weight_stall_o,
    .drain_stall_o,
    .load_last_o    (load_last),
    .gemm_last_o    (gemm_last),
    .logits_beat_o  (logits_beat),
    .vec_held_o     (vec_held),
    .io_held_o      (io_held),
    .rep_valid_o,
    .rep_layer_o,
    .rep_total_o,
    .rep_eight_o,
    .rep_four_o
  );

  squat_profile #(
    .BeatWords(AxiBits / 128)
  ) u_profile (
    .clk_i,
    .rst_ni,
    .on_i          (profile_i),
    .cycle_i,
    .issue_i       (cmd_valid & cmd_ready),
    .opcode_i      (opcode),
    .index_i       (cmd_index),
    .done_i        (done_o),
    .ready_o       (record_ready),
    .load_beat_i   (m_rvalid_i & m_rready_o),
    .load_last_i   (load_last),
    .mac_step_i    (mac_step_o),
    .weight_stall_i(weight_stall_o),
    .drain_stall_i (drain_stall_o),
    .gemm_last_i   (gemm_last),
    .logits_i      (logits_beat),
    .vec_held_i    (vec_held),
    .rep_valid_i   (rep_valid_o),
    .rep_eight_i   (rep_eight_o),
    .rep_four_i    (rep_four_o),
    .io_held_i     (io_held),
    .io_read_i     (rd_valid_i[1] && rd_ready_o[1]),
    .io_write_i    (w_valid_o[0] && w_ready_i[0]),
    .rec_valid_o,
    .rec_o,
    .rec_ready_i,
    .idle_o        (profile_idle)
  );
endmodule
