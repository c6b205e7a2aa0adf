// SPDX-License-Identifier: Apache-2.0
// The accelerator with AMBA port names: one start runs the command records of one forward pass (docs/develop/accelerator.md).
//   s_axi_control: registers; m_axi_gmem0: commands, KV cache, pass buffer; m_axi_gmem1..4: weights and KV cache, read only.
// The units and their AXI clients are reset at every start and after an error; registers, counters, guards and the writer are not, so that
// every port stays legal and the kernel always accepts the next start.
// Latency: about 10 cycles from ap_start to the first command address; done follows the acknowledgement of the status block.
module squat_kernel #(
  parameter int unsigned Rows = squat_spec_pkg::CfgSimRows,
  parameter int unsigned Columns = squat_spec_pkg::CfgSimColumns,
  parameter int unsigned Bands = squat_spec_pkg::CfgSimBands,
  parameter int unsigned AxiBits = squat_spec_pkg::CfgSimAxiBits,
  parameter int unsigned AsramDepth = squat_spec_pkg::CfgSimAsramDepth,
  parameter int unsigned VsramDepth = squat_spec_pkg::CfgSimVsramDepth,
  parameter int unsigned RingDepth = squat_spec_pkg::CfgSimRingDepth,
  parameter int unsigned BiasDepth = squat_spec_pkg::CfgSimBiasDepth
) (
  input  logic         ap_clk,
  input  logic         ap_rst_n,
  output logic         interrupt,
  input  logic         s_axi_control_awvalid,
  output logic         s_axi_control_awready,
  input  logic [11:0]  s_axi_control_awaddr,
  input  logic         s_axi_control_wvalid,
  output logic         s_axi_control_wready,
  input  logic [31:0]  s_axi_control_wdata,
  input  logic [3:0]   s_axi_control_wstrb,
  output logic         s_axi_control_bvalid,
  input  logic         s_axi_control_bready,
  output logic [1:0]   s_axi_control_bresp,
  input  logic         s_axi_control_arvalid,
  output logic         s_axi_control_arready,
  input  logic [11:0]  s_axi_control_araddr,
  output logic         s_axi_control_rvalid,
  input  logic         s_axi_control_rready,
  output logic [31:0]  s_axi_control_rdata,
  output logic [1:0]   s_axi_control_rresp,
  output logic         m_axi_gmem0_arvalid,
  input  logic         m_axi_gmem0_arready,
  output logic [63:0]  m_axi_gmem0_araddr,
  output logic [7:0]   m_axi_gmem0_arlen,
  output logic [2:0]   m_axi_gmem0_arsize,
  output logic [1:0]   m_axi_gmem0_arburst,
  output logic [3:0]   m_axi_gmem0_arcache,
  output logic [2:0]   m_axi_gmem0_arprot,
  input  logic         m_axi_gmem0_rvalid,
  output logic         m_axi_gmem0_rready,
  input  logic [127:0] m_axi_gmem0_rdata,
  input  logic [1:0]   m_axi_gmem0_rresp,
  input  logic         m_axi_gmem0_rlast,
  output logic         m_axi_gmem0_awvalid,
  input  logic         m_axi_gmem0_awready,
  output logic [63:0]  m_axi_gmem0_awaddr,
  output logic [7:0]   m_axi_gmem0_awlen,
  output logic [2:0]   m_axi_gmem0_awsize,
  output logic [1:0]   m_axi_gmem0_awburst,
  output logic [3:0]   m_axi_gmem0_awcache,
  output logic [2:0]   m_axi_gmem0_awprot,
  output logic         m_axi_gmem0_wvalid,
  input  logic         m_axi_gmem0_wready,
  output logic [127:0] m_axi_gmem0_wdata,
  output logic [15:0]  m_axi_gmem0_wstrb,
  output logic         m_axi_gmem0_wlast,
  input  logic         m_axi_gmem0_bvalid,
  output logic         m_axi_gmem0_bready,
  input  logic [1:0]   m_axi_gmem0_bresp,
  output logic         m_axi_gmem1_arvalid,
  input  logic         m_axi_gmem1_arready,
  output logic [63:0]  m_axi_gmem1_araddr,
  output logic [7:0]   m_axi_gmem1_arlen,
  output logic [2:0]   m_axi_gmem1_arsize,
  output logic [1:0]   m_axi_gmem1_arburst,
  output logic [3:0]   m_axi_gmem1_arcache,
  output logic [2:0]   m_axi_gmem1_arprot,
  input  logic         m_axi_gmem1_rvalid,
  output logic         m_axi_gmem1_rready,
  input  logic [AxiBits-1:0] m_axi_gmem1_rdata,
  input  logic [1:0]   m_axi_gmem1_rresp,
  input  logic         m_axi_gmem1_rlast,
  output logic         m_axi_gmem2_arvalid,
  input  logic         m_axi_gmem2_arready,
  output logic [63:0]  m_axi_gmem2_araddr,
  output logic [7:0]   m_axi_gmem2_arlen,
  output logic [2:0]   m_axi_gmem2_arsize,
  output logic [1:0]   m_axi_gmem2_arburst,
  output logic [3:0]   m_axi_gmem2_arcache,
  output logic [2:0]   m_axi_gmem2_arprot,
  input  logic         m_axi_gmem2_rvalid,
  output logic         m_axi_gmem2_rready,
  input  logic [AxiBits-1:0] m_axi_gmem2_rdata,
  input  logic [1:0]   m_axi_gmem2_rresp,
  input  logic         m_axi_gmem2_rlast,
  output logic         m_axi_gmem3_arvalid,
  input  logic         m_axi_gmem3_arready,
  output logic [63:0]  m_axi_gmem3_araddr,
  output logic [7:0]   m_axi_gmem3_arlen,
  output logic [2:0]   m_axi_gmem3_arsize,
  output logic [1:0]   m_axi_gmem3_arburst,
  output logic [3:0]   m_axi_gmem3_arcache,
  output logic [2:0]   m_axi_gmem3_arprot,
  input  logic         m_axi_gmem3_rvalid,
  output logic         m_axi_gmem3_rready,
  input  logic [AxiBits-1:0] m_axi_gmem3_rdata,
  input  logic [1:0]   m_axi_gmem3_rresp,
  input  logic         m_axi_gmem3_rlast,
  output logic         m_axi_gmem4_arvalid,
  input  logic         m_axi_gmem4_arready,
  output logic [63:0]  m_axi_gmem4_araddr,
  output logic [7:0]   m_axi_gmem4_arlen,
  output logic [2:0]   m_axi_gmem4_arsize,
  output logic [1:0]   m_axi_gmem4_arburst,
  output logic [3:0]   m_axi_gmem4_arcache,
  output logic [2:0]   m_axi_gmem4_arprot,
  input  logic         m_axi_gmem4_rvalid,
  output logic         m_axi_gmem4_rready,
  input  logic [AxiBits-1:0] m_axi_gmem4_rdata,
  input  logic [1:0]   m_axi_gmem4_rresp,
  input  logic         m_axi_gmem4_rlast
);
  // Parameter contract
  // The array has 16 rows in 4 bands and one to four blocks of 16 columns, behind ports of 128 bits, those of the weights
  // of 128 or 512; the memories have the depths their address ports have bits for.
  if (Rows != 16 || Columns % 16 != 0 || Columns < 16 || Columns > 64 || Bands != 4 || (AxiBits != 128 && AxiBits != 512)) begin : g_bad_parameters
    $error("squat_kernel: only 16 rows, 16 to 64 columns, 4 bands and weight ports of 128 or 512 bits are implemented");
  end

  // 16 bytes a beat (weights: a beat as wide as the port), INCR, modifiable and bufferable, unprivileged secure data.
  localparam logic [8:0] Attributes = {2'b01, 4'b0011, 3'b000};
  localparam logic [11:0] AddressAttributes = {3'd4, Attributes};
  localparam logic [11:0] WeightAttributes = {3'($clog2(AxiBits / 8)), Attributes};

  // ---- between the three parts
  logic          unit_rst_n, abort, go, stop, complete, write_idle, write_beat, profile, rec_valid, rec_ready;
  logic [511:0]  rec;
  logic [31:0]   cycle;
  logic [63:0]   cmd_addr, kv_base, io_base;
  logic [255:0]  w_base;
  logic [15:0]   cmd_count;
  logic [31:0]   weights_units, kv_units, io_units;
  logic          bad_valid;
  logic [15:0]   bad_index;
  logic [7:0]    bad_code;
  logic [4:0]    core_err_valid, read_idle, read_beat;
  logic [39:0]   core_err_code;
  logic [1:0]    read_err;
  logic [2:0]    write_err;
  logic [3:0]    run_valid;
  logic [63:0]   run_index;
  logic [95:0]   sums;
  logic          mac_step, weight_stall, drain_stall, rep_valid;
  logic [5:0]    rep_layer;
  logic [15:0]   rep_total;
  logic [7:0]    rep_eight, rep_four;
  logic [3:0]    unit_done;
  // reader clients 0 fetch, 1 io; writer clients 0 records and status, 1 io, 2 logits
  logic [1:0]    rreq_valid, rreq_ready, rd_valid, rd_ready;
  logic [127:0]  rreq_addr, rd_data;
  logic [31:0]   rreq_beats;
  logic [2:0]    wreq_valid, wreq_ready, w_valid, w_ready, w_idle;
  logic [191:0]  wreq_addr;
  logic [47:0]   wreq_beats, w_strb;
  logic [383:0]  w_data;
  // weight read masters, and the read ports of all memories
  logic [3:0]    s_arvalid, s_arready, s_rvalid, s_rlast, s_rready;
  logic [255:0]  s_araddr;
  logic [31:0]   s_arlen;
  logic [4*AxiBits-1:0] s_rdata;
  logic [7:0]    s_rresp;
  logic [4:0]    m_arvalid, m_arready, m_rvalid, m_rlast, m_rready;
  logic [319:0]  m_araddr;
  logic [39:0]   m_arlen;
  logic [128+4*AxiBits-1:0] m_rdata;
  logic [9:0]    m_rresp;
  logic          unused_ok;

  assign unused_ok = w_idle[2];

  squat_control #(
    .Rows(Rows),
    .Columns(Columns),
    .Bands(Bands),
    .AxiBits(AxiBits),
    .AsramDepth(AsramDepth),
    .VsramDepth(VsramDepth),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth)
  ) u_control (
    .clk_i              (ap_clk),
    .rst_ni             (ap_rst_n),
    .s_awvalid_i        (s_axi_control_awvalid),
    .s_awaddr_i         (s_axi_control_awaddr),
    .s_awready_o        (s_axi_control_awready),
    .s_wvalid_i         (s_axi_control_wvalid),
    .s_wdata_i          (s_axi_control_wdata),
    .s_wstrb_i          (s_axi_control_wstrb),
    .s_wready_o         (s_axi_control_wready),
    .s_bvalid_o         (s_axi_control_bvalid),
    .s_bresp_o          (s_axi_control_bresp),
    .s_bready_i         (s_axi_control_bready),
    .s_arvalid_i        (s_axi_control_arvalid),
    .s_araddr_i         (s_axi_control_araddr),
    .s_arready_o        (s_axi_control_arready),
    .s_rvalid_o         (s_axi_control_rvalid),
    .s_rdata_o          (s_axi_control_rdata),
    .s_rresp_o          (s_axi_control_rresp),
    .s_rready_i         (s_axi_control_rready),
    .interrupt_o        (interrupt),
    .unit_rst_no        (unit_rst_n),
    .abort_o            (abort),
    .go_o               (go),
    .stop_o             (stop),
    .cmd_addr_o         (cmd_addr),
    .cmd_count_o        (cmd_count),
    .w_base_o           (w_base),
    .kv_base_o          (kv_base),
    .io_base_o          (io_base),
    .weights_units_o    (weights_units),
    .kv_units_o         (kv_units),
    .io_units_o         (io_units),
    .profile_o          (profile),
    .cycle_o            (cycle),
    .commands_complete_i(complete),
    .read_idle_i        (read_idle),
    .write_idle_i       (write_idle),
    .bad_valid_i        (bad_valid),
    .bad_index_i        (bad_index),
    .bad_code_i         (bad_code),
    .core_err_valid_i   (core_err_valid),
    .core_err_code_i    (core_err_code),
    .read_err_i         (read_err),
    .write_err_i        (write_err),
    .run_valid_i        (run_valid),
    .run_index_i        (run_index),
    .sums_i             (sums),
    .mac_step_i         (mac_step),
    .weight_stall_i     (weight_stall),
    .drain_stall_i      (drain_stall),
    .read_beat_i        (read_beat),
    .write_beat_i       (write_beat),
    .unit_done_i        (unit_done),
    .rep_valid_i        (rep_valid),
    .rep_layer_i        (rep_layer),
    .rep_total_i        (rep_total),
    .rep_eight_i        (rep_eight),
    .rep_four_i         (rep_four),
    .rec_valid_i        (rec_valid),
    .rec_i              (rec),
    .rec_ready_o        (rec_ready),
    .req_valid_o        (wreq_valid[0]),
    .req_addr_o         (wreq_addr[63:0]),
    .req_beats_o        (wreq_beats[15:0]),
    .req_ready_i        (wreq_ready[0]),
    .w_valid_o          (w_valid[0]),
    .w_data_o           (w_data[127:0]),
    .w_strb_o           (w_strb[15:0]),
    .w_ready_i          (w_ready[0]),
    .w_idle_i           (w_idle[0])
  );

  // ---- everything that a command passes through
  squat_executor #(
    .Columns(Columns),
    .AxiBits(AxiBits),
    .AsramDepth(AsramDepth),
    .VsramDepth(VsramDepth),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth)
  ) u_executor (
    .clk_i          (ap_clk),
    .rst_ni         (unit_rst_n),
    .go_i           (go),
    .stop_i         (stop),
    .cmd_addr_i     (cmd_addr),
    .cmd_count_i    (cmd_count),
    .complete_o     (complete),
    .bad_valid_o    (bad_valid),
    .bad_index_o    (bad_index),
    .bad_code_o     (bad_code),
    .run_valid_o    (run_valid),
    .run_index_o    (run_index),
    .done_o         (unit_done),
    .err_valid_o    (core_err_valid),
    .err_code_o     (core_err_code),
    .w_base_i       (w_base),
    .kv_base_i      (kv_base),
    .io_base_i      (io_base),
    .weights_units_i(weights_units),
    .kv_units_i     (kv_units),
    .io_units_i     (io_units),
    .profile_i      (profile),
    .cycle_i        (cycle),
    .m_arvalid_o    (s_arvalid),
    .m_araddr_o     (s_araddr),
    .m_arlen_o      (s_arlen),
    .m_arready_i    (s_arready),
    .m_rvalid_i     (s_rvalid),
    .m_rdata_i      (s_rdata),
    .m_rresp_i      (s_rresp),
    .m_rlast_i      (s_rlast),
    .m_rready_o     (s_rready),
    .rreq_valid_o   (rreq_valid),
    .rreq_addr_o    (rreq_addr),
    .rreq_beats_o   (rreq_beats),
    .rreq_ready_i   (rreq_ready),
    .rd_valid_i     (rd_valid),
    .rd_data_i      (rd_data),
    .rd_ready_o     (rd_ready),
    .wreq_valid_o   (wreq_valid[2:1]),
    .wreq_addr_o    (wreq_addr[191:64]),
    .wreq_beats_o   (wreq_beats[47:16]),
    .wreq_ready_i   (wreq_ready[2:1]),
    .w_valid_o      (w_valid[2:1]),
    .w_data_o       (w_data[383:128]),
    .w_strb_o       (w_strb[47:16]),
    .w_ready_i      (w_ready[2:1]),
    .io_w_idle_i    (w_idle[1]),
    .rec_valid_o    (rec_valid),
    .rec_o          (rec),
    .rec_ready_i    (rec_ready),
    .sums_o         (sums),
    .mac_step_o     (mac_step),
    .weight_stall_o (weight_stall),
    .drain_stall_o  (drain_stall),
    .rep_valid_o    (rep_valid),
    .rep_layer_o    (rep_layer),
    .rep_total_o    (rep_total),
    .rep_eight_o    (rep_eight),
    .rep_four_o     (rep_four)
  );

  // ---- memory ports
  squat_memory_ports #(
    .AxiBits(AxiBits)
  ) u_ports (
    .clk_i       (ap_clk),
    .rst_ni      (ap_rst_n),
    .unit_rst_ni (unit_rst_n),
    .abort_i     (abort),
    .read_idle_o (read_idle),
    .read_beat_o (read_beat),
    .write_idle_o(write_idle),
    .write_beat_o(write_beat),
    .rreq_valid_i(rreq_valid),
    .rreq_addr_i (rreq_addr),
    .rreq_beats_i(rreq_beats),
    .rreq_ready_o(rreq_ready),
    .rd_valid_o  (rd_valid),
    .rd_data_o   (rd_data),
    .rd_ready_i  (rd_ready),
    .read_err_o  (read_err),
    .wreq_valid_i(wreq_valid),
    .wreq_addr_i (wreq_addr),
    .wreq_beats_i(wreq_beats),
    .wreq_ready_o(wreq_ready),
    .w_valid_i   (w_valid),
    .w_data_i    (w_data),
    .w_strb_i    (w_strb),
    .w_ready_o   (w_ready),
    .w_idle_o    (w_idle),
    .write_err_o (write_err),
    .s_arvalid_i (s_arvalid),
    .s_araddr_i  (s_araddr),
    .s_arlen_i   (s_arlen),
    .s_arready_o (s_arready),
    .s_rvalid_o  (s_rvalid),
    .s_rdata_o   (s_rdata),
    .s_rresp_o   (s_rresp),
    .s_rlast_o   (s_rlast),
    .s_rready_i  (s_rready),
    .m_arvalid_o (m_arvalid),
    .m_araddr_o  (m_araddr),
    .m_arlen_o   (m_arlen),
    .m_arready_i (m_arready),
    .m_rvalid_i  (m_rvalid),
    .m_rdata_i   (m_rdata),
    .m_rresp_i   (m_rresp),
    .m_rlast_i   (m_rlast),
    .m_rready_o  (m_rready),
    .m_awvalid_o (m_axi_gmem0_awvalid),
    .m_awaddr_o  (m_axi_gmem0_awaddr),
    .m_awlen_o   (m_axi_gmem0_awlen),
    .m_awready_i (m_axi_gmem0_awready),
    .m_wvalid_o  (m_axi_gmem0_wvalid),
    .m_wdata_o   (m_axi_gmem0_wdata),
    .m_wstrb_o   (m_axi_gmem0_wstrb),
    .m_wlast_o   (m_axi_gmem0_wlast),
    .m_wready_i  (m_axi_gmem0_wready),
    .m_bvalid_i  (m_axi_gmem0_bvalid),
    .m_bresp_i   (m_axi_gmem0_bresp),
    .m_bready_o  (m_axi_gmem0_bready)
  );

  assign {m_axi_gmem4_arvalid, m_axi_gmem3_arvalid, m_axi_gmem2_arvalid, m_axi_gmem1_arvalid, m_axi_gmem0_arvalid} = m_arvalid;
  assign {m_axi_gmem4_araddr, m_axi_gmem3_araddr, m_axi_gmem2_araddr, m_axi_gmem1_araddr, m_axi_gmem0_araddr} = m_araddr;
  assign {m_axi_gmem4_arlen, m_axi_gmem3_arlen, m_axi_gmem2_arlen, m_axi_gmem1_arlen, m_axi_gmem0_arlen} = m_arlen;
  assign {m_axi_gmem4_rready, m_axi_gmem3_rready, m_axi_gmem2_rready, m_axi_gmem1_rready, m_axi_gmem0_rready} = m_rready;
  assign m_arready = {m_axi_gmem4_arready, m_axi_gmem3_arready, m_axi_gmem2_arready, m_axi_gmem1_arready, m_axi_gmem0_arready};
  assign m_rvalid  = {m_axi_gmem4_rvalid, m_axi_gmem3_rvalid, m_axi_gmem2_rvalid, m_axi_gmem1_rvalid, m_axi_gmem0_rvalid};
  assign m_rdata   = {m_axi_gmem4_rdata, m_axi_gmem3_rdata, m_axi_gmem2_rdata, m_axi_gmem1_rdata, m_axi_gmem0_rdata};
  assign m_rresp   = {m_axi_gmem4_rresp, m_axi_gmem3_rresp, m_axi_gmem2_rresp, m_axi_gmem1_rresp, m_axi_gmem0_rresp};
  assign m_rlast   = {m_axi_gmem4_rlast, m_axi_gmem3_rlast, m_axi_gmem2_rlast, m_axi_gmem1_rlast, m_axi_gmem0_rlast};

  assign {m_axi_gmem0_arsize, m_axi_gmem0_arburst, m_axi_gmem0_arcache, m_axi_gmem0_arprot} = AddressAttributes;
  assign {m_axi_gmem0_awsize, m_axi_gmem0_awburst, m_axi_gmem0_awcache, m_axi_gmem0_awprot} = AddressAttributes;
  assign {m_axi_gmem1_arsize, m_axi_gmem1_arburst, m_axi_gmem1_arcache, m_axi_gmem1_arprot} = WeightAttributes;
  assign {m_axi_gmem2_arsize, m_axi_gmem2_arburst, m_axi_gmem2_arcache, m_axi_gmem2_arprot} = WeightAttributes;
  assign {m_axi_gmem3_arsize, m_axi_gmem3_arburst, m_axi_gmem3_arcache, m_axi_gmem3_arprot} = WeightAttributes;
  assign {m_axi_gmem4_arsize, m_axi_gmem4_arburst, m_axi_gmem4_arcache, m_axi_gmem4_arprot} = WeightAttributes;
endmodule
