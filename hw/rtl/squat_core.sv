// SPDX-License-Identifier: Apache-2.0
// The four units with the memories they share: everything the units' reset resets.
// Commands of unit u (0 load, 1 gemm, 2 vec, 3 io) on bits u of the command ports; done_o and err_* likewise, plus err bit 4: logits address.
// Latency and handshakes: those of the units (docs/develop/accelerator.md, "Module boundaries").
module squat_core #(
  parameter int unsigned Columns = 16,
  parameter int unsigned AxiBits = 128,
  parameter int unsigned AsramDepth = 32768,
  parameter int unsigned VsramDepth = 16384,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [3:0]    cmd_valid_i,
  input  logic [2047:0] cmd_i,
  output logic [3:0]    cmd_ready_o,
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
  // squat_axi_reader client io
  output logic          rreq_valid_o,
  output logic [63:0]   rreq_addr_o,
  output logic [15:0]   rreq_beats_o,
  input  logic          rreq_ready_i,
  input  logic          rd_valid_i,
  input  logic [127:0]  rd_data_i,
  output logic          rd_ready_o,
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
  output logic          logits_idle_o,
  // counters
  output logic [95:0]   sums_o,  // of memory that the kernel writes: cache as read, cache as written, logits
  output logic          mac_step_o,
  output logic          weight_stall_o,
  output logic          drain_stall_o,
  output logic [3:0]    load_last_o,
  output logic          gemm_last_o,
  output logic          logits_beat_o,
  output logic          vec_held_o,
  output logic          io_held_o,
  output logic          rep_valid_o,
  output logic [5:0]    rep_layer_o,
  output logic [15:0]   rep_total_o,
  output logic [7:0]    rep_eight_o,
  output logic [7:0]    rep_four_o
);
  // Parameter contract
  // The units' address ports are 14 bits (vector memory) and 15 bits (activation memory).
  if (VsramDepth != 16384 || AsramDepth != 32768) begin : g_bad_parameters
    $error("squat_core: the units address 16384 words of vector memory and 32768 of activation memory");
  end

  localparam int unsigned Load = 0, Gemm = 1, Vec = 2, Io = 3, Logits = 4;

  // ---- memories that the units share. Vector memory: read 0 post, 1 io, 2 vec; write 0 post, 1 io. Activation memory: write 0 post, 1 vec.
  // Width tables: clients 0 post, 1 io, 2 vec.
  logic [2:0]    vs_rd_valid, vs_rd_ready, vs_rd_rvalid;
  logic [41:0]   vs_rd_addr;
  logic [511:0]  vs_rd_data;
  logic [1:0]    vs_wr_valid, vs_wr_ready;
  logic [27:0]   vs_wr_addr;
  logic [1023:0] vs_wr_data;
  logic          ard_en;
  logic [14:0]   ard_addr_e, ard_addr_o;
  logic [3:0]    ard_rot;
  logic [127:0]  ard_e, ard_o;
  logic [1:0]    as_wr_valid, as_wr_half, as_wr_ready;
  logic [29:0]   as_wr_addr;
  logic [7:0]    as_wr_rot;
  logic [255:0]  as_wr_data;
  logic [31:0]   as_wr_mask;
  logic          as_rd_valid, as_rd_half, as_rd_ready, as_rd_rvalid;
  logic [14:0]   as_rd_addr;
  logic [3:0]    as_rd_rot;
  logic [127:0]  as_rd_data;
  logic          tt_wr_start, tt_wr_table, tt_wr_valid, tt_wr_eight, s_table, s_valid;
  logic [7:0]    tt_wr_count, tt_wr_n8, tt_wr_slot, s_slot;
  logic [6:0]    tt_wr_token, s_token;
  logic [2:0]    q_table, q_eight;
  logic [20:0]   q_token;
  logic [23:0]   q_slot;
  logic [15:0]   n8, table_tokens;
  logic          unused_ok;
  logic          par_wr_valid, gain_en, beta_en, step_en, bias_en, rope_wr_valid, rope_en;
  logic [1:0]    par_wr_buffer, step_addr;
  logic [511:0]  par_wr_data, step_data;
  logic [287:0]  gain_data;
  logic [383:0]  beta_data;
  logic [431:0]  bias_data;
  logic [6:0]    gain_addr;
  logic [9:0]    par_wr_word, bias_addr, rope_wr_addr, rope_addr;
  logic [2:0]    rope_wr_lane;
  logic [31:0]   rope_wr_data;
  logic [255:0]  rope_data;

  assign unused_ok = ^q_slot[15:8];  // io asks for the width only

  squat_memories #(
    .AsramDepth(AsramDepth),
    .VsramDepth(VsramDepth),
    .BiasDepth(BiasDepth)
  ) u_memories (
    .clk_i,
    .rst_ni,
    .vs_rd_valid_i(vs_rd_valid), .vs_rd_addr_i(vs_rd_addr), .vs_rd_ready_o(vs_rd_ready), .vs_rd_rvalid_o(vs_rd_rvalid),
    .vs_rd_data_o(vs_rd_data), .vs_wr_valid_i(vs_wr_valid), .vs_wr_addr_i(vs_wr_addr), .vs_wr_data_i(vs_wr_data),
    .vs_wr_ready_o(vs_wr_ready), .ard_en_i(ard_en), .ard_addr_e_i(ard_addr_e), .ard_addr_o_i(ard_addr_o),
    .ard_rot_i(ard_rot), .ard_e_o(ard_e), .ard_o_o(ard_o), .as_wr_valid_i(as_wr_valid), .as_wr_half_i(as_wr_half),
    .as_wr_addr_i(as_wr_addr), .as_wr_rot_i(as_wr_rot), .as_wr_data_i(as_wr_data), .as_wr_mask_i(as_wr_mask),
    .as_wr_ready_o(as_wr_ready), .as_rd_valid_i(as_rd_valid), .as_rd_half_i(as_rd_half), .as_rd_addr_i(as_rd_addr),
    .as_rd_rot_i(as_rd_rot), .as_rd_ready_o(as_rd_ready), .as_rd_rvalid_o(as_rd_rvalid), .as_rd_data_o(as_rd_data),
    .tt_wr_start_i(tt_wr_start), .tt_wr_table_i(tt_wr_table), .tt_wr_count_i(tt_wr_count), .tt_wr_n8_i(tt_wr_n8),
    .tt_wr_valid_i(tt_wr_valid), .tt_wr_token_i(tt_wr_token), .tt_wr_slot_i(tt_wr_slot), .tt_wr_eight_i(tt_wr_eight),
    .q_table_i(q_table), .q_token_i(q_token), .q_slot_o(q_slot), .q_eight_o(q_eight), .s_table_i(s_table),
    .s_slot_i(s_slot), .s_token_o(s_token), .s_valid_o(s_valid), .n8_o(n8), .table_tokens_o(table_tokens),
    .par_wr_valid_i(par_wr_valid), .par_wr_buffer_i(par_wr_buffer), .par_wr_word_i(par_wr_word),
    .par_wr_data_i(par_wr_data), .gain_en_i(gain_en), .beta_en_i(beta_en), .gain_addr_i(gain_addr),
    .gain_data_o(gain_data), .beta_data_o(beta_data), .step_en_i(step_en), .step_addr_i(step_addr),
    .step_data_o(step_data), .bias_en_i(bias_en), .bias_addr_i(bias_addr), .bias_data_o(bias_data),
    .rope_wr_valid_i(rope_wr_valid), .rope_wr_addr_i(rope_wr_addr), .rope_wr_lane_i(rope_wr_lane),
    .rope_wr_data_i(rope_wr_data), .rope_en_i(rope_en), .rope_addr_i(rope_addr), .rope_data_o(rope_data)
  );

  // ---- array
  logic         job_valid, job_ready, job_bank, job_pair, job_last;
  logic [15:0]  job_tile;
  logic [1:0]   job_wide, acc_rd_block;
  logic [3:0]   job_group, acc_rd_row;
  logic [511:0] job_cmd, acc_data;
  logic         acc_rd_en, acc_rd_bank, acc_rd_half, acc_rd_pair;
  logic [1:0]   bank_free;

  squat_gemm #(
    .Cols(Columns),
    .AxiBits(AxiBits),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth)
  ) u_gemm (
    .clk_i,
    .rst_ni,
    .load_cmd_valid_i(cmd_valid_i[Load]),
    .load_cmd_i      (cmd_i[512*Load +: 512]),
    .load_cmd_ready_o(cmd_ready_o[Load]),
    .load_done_o     (done_o[Load]),
    .load_err_valid_o(err_valid_o[Load]),
    .load_err_code_o (err_code_o[8*Load +: 8]),
    .gemm_cmd_valid_i(cmd_valid_i[Gemm]),
    .gemm_cmd_i      (cmd_i[512*Gemm +: 512]),
    .gemm_cmd_ready_o(cmd_ready_o[Gemm]),
    .gemm_err_valid_o(err_valid_o[Gemm]),
    .gemm_err_code_o (err_code_o[8*Gemm +: 8]),
    .w_base_i,
    .kv_base_i,
    .weights_units_i,
    .kv_units_i,
    .m_arvalid_o,
    .m_araddr_o,
    .m_arlen_o,
    .m_arready_i,
    .m_rvalid_i,
    .m_rdata_i,
    .m_rresp_i,
    .m_rlast_i,
    .m_rready_o,
    .n8_i            (n8),
    .tokens_i        (table_tokens),
    .ard_en_o        (ard_en),
    .ard_addr_e_o    (ard_addr_e),
    .ard_addr_o_o    (ard_addr_o),
    .ard_rot_o       (ard_rot),
    .ard_e_i         (ard_e),
    .ard_o_i         (ard_o),
    .job_valid_o     (job_valid),
    .job_ready_i     (job_ready),
    .job_bank_o      (job_bank),
    .job_tile_o      (job_tile),
    .job_wide_o      (job_wide),
    .job_group_o     (job_group),
    .job_pair_o      (job_pair),
    .job_last_o      (job_last),
    .job_cmd_o       (job_cmd),
    .acc_rd_en_i     (acc_rd_en),
    .acc_rd_bank_i   (acc_rd_bank),
    .acc_rd_row_i    (acc_rd_row),
    .acc_rd_block_i  (acc_rd_block),
    .acc_rd_half_i   (acc_rd_half),
    .acc_rd_pair_i   (acc_rd_pair),
    .acc_data_o      (acc_data),
    .bank_free_i     (bank_free),
    .load_sum_o(sums_o[31:0]),
    .mac_step_o,
    .weight_stall_o,
    .drain_stall_o,
    .load_last_o,
    .gemm_last_o
  );

  // ---- post-processor and logits
  logic         lg_valid, lg_ready;
  logic [31:0]  lg_addr;
  logic [511:0] lg_data;

  squat_post u_post (
    .clk_i, .rst_ni, .job_valid_i(job_valid), .job_ready_o(job_ready), .job_bank_i(job_bank), .job_tile_i(job_tile), .job_wide_i(job_wide),
    .job_group_i(job_group), .job_pair_i(job_pair), .job_last_i(job_last), .job_cmd_i(job_cmd), .acc_rd_en_o(acc_rd_en),
    .acc_rd_bank_o(acc_rd_bank), .acc_rd_row_o(acc_rd_row), .acc_rd_block_o(acc_rd_block), .acc_rd_half_o(acc_rd_half), .acc_rd_pair_o(acc_rd_pair),
    .acc_data_i(acc_data), .bank_free_o(bank_free), .s_table_o(s_table), .s_slot_o(s_slot), .s_token_i(s_token),
    .s_valid_i(s_valid), .q_table_o(q_table[0]), .q_token_o(q_token[6:0]), .q_slot_i(q_slot[7:0]),
    .q_eight_i(q_eight[0]), .vs_rd_valid_o(vs_rd_valid[0]), .vs_rd_addr_o(vs_rd_addr[13:0]),
    .vs_rd_ready_i(vs_rd_ready[0]), .vs_rd_rvalid_i(vs_rd_rvalid[0]), .vs_rd_data_i(vs_rd_data),
    .vs_wr_valid_o(vs_wr_valid[0]), .vs_wr_addr_o(vs_wr_addr[13:0]), .vs_wr_data_o(vs_wr_data[511:0]),
    .vs_wr_ready_i(vs_wr_ready[0]), .as_wr_valid_o(as_wr_valid[0]), .as_wr_half_o(as_wr_half[0]),
    .as_wr_addr_o(as_wr_addr[14:0]), .as_wr_rot_o(as_wr_rot[3:0]), .as_wr_data_o(as_wr_data[127:0]),
    .as_wr_mask_o(as_wr_mask[15:0]), .as_wr_ready_i(as_wr_ready[0]), .rope_en_o(rope_en), .rope_addr_o(rope_addr),
    .rope_data_i(rope_data), .bias_en_o(bias_en), .bias_addr_o(bias_addr), .bias_data_i(bias_data),
    .lg_valid_o(lg_valid), .lg_addr_o(lg_addr), .lg_data_o(lg_data), .lg_ready_i(lg_ready), .done_o(done_o[Gemm])
  );

  squat_logits_writer u_logits (
    .clk_i,
    .rst_ni,
    .io_base_i,
    .io_units_i,
    .lg_valid_i (lg_valid),
    .lg_addr_i  (lg_addr),
    .lg_data_i  (lg_data),
    .lg_ready_o (lg_ready),
    .req_valid_o(wreq_valid_o[1]),
    .req_addr_o (wreq_addr_o[127:64]),
    .req_beats_o(wreq_beats_o[31:16]),
    .req_ready_i(wreq_ready_i[1]),
    .w_valid_o  (w_valid_o[1]),
    .w_data_o   (w_data_o[255:128]),
    .w_strb_o   (w_strb_o[31:16]),
    .w_ready_i  (w_ready_i[1]),
    .idle_o     (logits_idle_o),
    .sum_o      (sums_o[95:64]),
    .err_valid_o(err_valid_o[Logits]),
    .err_code_o (err_code_o[8*Logits +: 8])
  );

  assign logits_beat_o = lg_valid && lg_ready;

  // ---- vector unit
  assign vec_held_o = (vs_rd_valid[2] && !vs_rd_ready[2]) || (as_wr_valid[1] && !as_wr_ready[1]);

  squat_vec u_vec (
    .clk_i,
    .rst_ni,
    .cmd_valid_i    (cmd_valid_i[Vec]),
    .cmd_i          (cmd_i[512*Vec +: 512]),
    .cmd_ready_o    (cmd_ready_o[Vec]),
    .done_o         (done_o[Vec]),
    .err_valid_o    (err_valid_o[Vec]),
    .err_code_o     (err_code_o[8*Vec +: 8]),
    .vs_rd_valid_o  (vs_rd_valid[2]),
    .vs_rd_addr_o   (vs_rd_addr[41:28]),
    .vs_rd_ready_i  (vs_rd_ready[2]),
    .vs_rd_rvalid_i (vs_rd_rvalid[2]),
    .vs_rd_data_i   (vs_rd_data),
    .as_wr_valid_o  (as_wr_valid[1]),
    .as_wr_half_o   (as_wr_half[1]),
    .as_wr_addr_o   (as_wr_addr[29:15]),
    .as_wr_rot_o    (as_wr_rot[7:4]),
    .as_wr_data_o   (as_wr_data[255:128]),
    .as_wr_mask_o   (as_wr_mask[31:16]),
    .as_wr_ready_i  (as_wr_ready[1]),
    .q_table_o      (q_table[2]),
    .q_token_o      (q_token[20:14]),
    .q_slot_i       (q_slot[23:16]),
    .q_eight_i      (q_eight[2]),
    .tt_wr_start_o  (tt_wr_start),
    .tt_wr_table_o  (tt_wr_table),
    .tt_wr_count_o  (tt_wr_count),
    .tt_wr_n8_o     (tt_wr_n8),
    .tt_wr_valid_o  (tt_wr_valid),
    .tt_wr_token_o  (tt_wr_token),
    .tt_wr_slot_o   (tt_wr_slot),
    .tt_wr_eight_o  (tt_wr_eight),
    .gain_en_o      (gain_en),
    .beta_en_o      (beta_en),
    .gain_addr_o    (gain_addr),
    .gain_data_i    (gain_data),
    .beta_data_i    (beta_data),
    .step_en_o      (step_en),
    .step_addr_o    (step_addr),
    .step_data_i    (step_data),
    .rope_wr_valid_o(rope_wr_valid),
    .rope_wr_addr_o (rope_wr_addr),
    .rope_wr_lane_o (rope_wr_lane),
    .rope_wr_data_o (rope_wr_data),
    .rep_valid_o,
    .rep_layer_o,
    .rep_total_o,
    .rep_eight_o,
    .rep_four_o
  );

  // ---- io unit
  squat_io #(
    .VsramDepth(VsramDepth),
    .AsramDepth(AsramDepth),
    .BiasDepth(BiasDepth)
  ) u_io (
    .clk_i,
    .rst_ni,
    .cmd_valid_i   (cmd_valid_i[Io]),
    .cmd_i         (cmd_i[512*Io +: 512]),
    .cmd_ready_o   (cmd_ready_o[Io]),
    .done_o        (done_o[Io]),
    .written_o     (sums_o[63:32]),
    .held_o        (io_held_o),
    .err_valid_o   (err_valid_o[Io]),
    .err_code_o    (err_code_o[8*Io +: 8]),
    .w0_base_i     (w_base_i[63:0]),
    .kv_base_i,
    .io_base_i,
    .weights_units_i,
    .kv_units_i,
    .io_units_i,
    .rreq_valid_o,
    .rreq_addr_o,
    .rreq_beats_o,
    .rreq_ready_i,
    .rd_valid_i,
    .rd_data_i,
    .rd_ready_o,
    .wreq_valid_o  (wreq_valid_o[0]),
    .wreq_addr_o   (wreq_addr_o[63:0]),
    .wreq_beats_o  (wreq_beats_o[15:0]),
    .wreq_ready_i  (wreq_ready_i[0]),
    .w_valid_o     (w_valid_o[0]),
    .w_data_o      (w_data_o[127:0]),
    .w_strb_o      (w_strb_o[15:0]),
    .w_ready_i     (w_ready_i[0]),
    .w_idle_i      (io_w_idle_i),
    .vrd_valid_o   (vs_rd_valid[1]),
    .vrd_addr_o    (vs_rd_addr[27:14]),
    .vrd_ready_i   (vs_rd_ready[1]),
    .vrd_rvalid_i  (vs_rd_rvalid[1]),
    .vrd_data_i    (vs_rd_data),
    .vwr_valid_o   (vs_wr_valid[1]),
    .vwr_addr_o    (vs_wr_addr[27:14]),
    .vwr_data_o    (vs_wr_data[1023:512]),
    .vwr_ready_i   (vs_wr_ready[1]),
    .ard_valid_o   (as_rd_valid),
    .ard_half_o    (as_rd_half),
    .ard_addr_o    (as_rd_addr),
    .ard_rot_o     (as_rd_rot),
    .ard_ready_i   (as_rd_ready),
    .ard_rvalid_i  (as_rd_rvalid),
    .ard_data_i    (as_rd_data),
    .q_table_o     (q_table[1]),
    .q_token_o     (q_token[13:7]),
    .q_eight_i     (q_eight[1]),
    .par_wr_valid_o(par_wr_valid),
    .par_wr_buffer_o(par_wr_buffer),
    .par_wr_word_o (par_wr_word),
    .par_wr_data_o (par_wr_data)
  );

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(vs_rd_rvalid));
`endif
endmodule
