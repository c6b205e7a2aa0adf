// SPDX-License-Identifier: Apache-2.0
// The memory side of the kernel: port 0 with its reader and writer, shared by the clients of the other units, and the guards of all five
// read ports. Only the reader is reset with the units (unit_rst_ni).
// Latency and handshakes: those of squat_axi_reader, squat_axi_writer and squat_axi_read_guard (1 cycle).
module squat_memory_ports #(
  parameter int unsigned AxiBits = 128,
  parameter int unsigned DataW = 128 + 4 * AxiBits
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         unit_rst_ni,
  input  logic         abort_i,
  output logic [4:0]   read_idle_o,
  output logic [4:0]   read_beat_o,
  output logic         write_idle_o,
  output logic         write_beat_o,
  // reader clients: 0 fetch, 1 io
  input  logic [1:0]   rreq_valid_i,
  input  logic [127:0] rreq_addr_i,
  input  logic [31:0]  rreq_beats_i,
  output logic [1:0]   rreq_ready_o,
  output logic [1:0]   rd_valid_o,
  output logic [127:0] rd_data_o,
  input  logic [1:0]   rd_ready_i,
  output logic [1:0]   read_err_o,
  // writer clients: 0 records and status, 1 io, 2 logits
  input  logic [2:0]   wreq_valid_i,
  input  logic [191:0] wreq_addr_i,
  input  logic [47:0]  wreq_beats_i,
  output logic [2:0]   wreq_ready_o,
  input  logic [2:0]   w_valid_i,
  input  logic [383:0] w_data_i,
  input  logic [47:0]  w_strb_i,
  output logic [2:0]   w_ready_o,
  output logic [2:0]   w_idle_o,
  output logic [2:0]   write_err_o,
  // weight read masters, to ports 1 .. 4
  input  logic [3:0]   s_arvalid_i,
  input  logic [255:0] s_araddr_i,
  input  logic [31:0]  s_arlen_i,
  output logic [3:0]   s_arready_o,
  output logic [3:0]   s_rvalid_o,
  output logic [4*AxiBits-1:0] s_rdata_o,
  output logic [7:0]   s_rresp_o,
  output logic [3:0]   s_rlast_o,
  input  logic [3:0]   s_rready_i,
  // AXI: five read ports, one write port
  output logic [4:0]   m_arvalid_o,
  output logic [319:0] m_araddr_o,
  output logic [39:0]  m_arlen_o,
  input  logic [4:0]   m_arready_i,
  input  logic [4:0]   m_rvalid_i,
  input  logic [DataW-1:0] m_rdata_i,
  input  logic [9:0]   m_rresp_i,
  input  logic [4:0]   m_rlast_i,
  output logic [4:0]   m_rready_o,
  output logic         m_awvalid_o,
  output logic [63:0]  m_awaddr_o,
  output logic [7:0]   m_awlen_o,
  input  logic         m_awready_i,
  output logic         m_wvalid_o,
  output logic [127:0] m_wdata_o,
  output logic [15:0]  m_wstrb_o,
  output logic         m_wlast_o,
  input  logic         m_wready_i,
  input  logic         m_bvalid_i,
  input  logic [1:0]   m_bresp_i,
  output logic         m_bready_o
);
  // Parameter contract
  // AxiBits, of ports 1 to 4, is 128 or 512; port 0 has 128 bits. DataW follows from it.

  // Read channels of ports 0 (the reader) to 4 in front of the guards.
  logic [4:0]   arvalid, arready, rvalid, rlast, rready;
  logic [319:0] araddr;
  logic [39:0]  arlen;
  logic [DataW-1:0] rdata;
  logic [9:0]   rresp;
  assign arvalid[4:1]   = s_arvalid_i;
  assign araddr[319:64] = s_araddr_i;
  assign arlen[39:8]    = s_arlen_i;
  assign rready[4:1]    = s_rready_i;
  assign s_arready_o    = arready[4:1];
  assign s_rvalid_o     = rvalid[4:1];
  assign s_rdata_o      = rdata[DataW-1:128];
  assign s_rresp_o      = rresp[9:2];
  assign s_rlast_o      = rlast[4:1];

  squat_axi_reader u_reader (
    .clk_i,
    .rst_ni     (unit_rst_ni),
    .req_valid_i(rreq_valid_i),
    .req_addr_i (rreq_addr_i),
    .req_beats_i(rreq_beats_i),
    .req_ready_o(rreq_ready_o),
    .rd_valid_o,
    .rd_data_o,
    .rd_ready_i,
    .err_valid_o(read_err_o),
    .m_arvalid_o(arvalid[0]),
    .m_araddr_o (araddr[63:0]),
    .m_arlen_o  (arlen[7:0]),
    .m_arready_i(arready[0]),
    .m_rvalid_i (rvalid[0]),
    .m_rdata_i  (rdata[127:0]),
    .m_rresp_i  (rresp[1:0]),
    .m_rlast_i  (rlast[0]),
    .m_rready_o (rready[0])
  );

  squat_axi_writer u_writer (
    .clk_i,
    .rst_ni,
    .abort_i,
    .idle_o     (write_idle_o),
    .beat_o     (write_beat_o),
    .req_valid_i(wreq_valid_i),
    .req_addr_i (wreq_addr_i),
    .req_beats_i(wreq_beats_i),
    .req_ready_o(wreq_ready_o),
    .w_valid_i,
    .w_data_i,
    .w_strb_i,
    .w_ready_o,
    .cl_idle_o  (w_idle_o),
    .err_valid_o(write_err_o),
    .m_awvalid_o,
    .m_awaddr_o,
    .m_awlen_o,
    .m_awready_i,
    .m_wvalid_o,
    .m_wdata_o,
    .m_wstrb_o,
    .m_wlast_o,
    .m_wready_i,
    .m_bvalid_i,
    .m_bresp_i,
    .m_bready_o
  );

  for (genvar p = 0; p < 5; p++) begin : g_guard
    localparam int unsigned Bits = p == 0 ? 128 : AxiBits;
    localparam int unsigned Lsb = p == 0 ? 0 : 128 + (p - 1) * AxiBits;
    squat_axi_read_guard #(
      .DataW(Bits)
    ) u_guard (
      .clk_i,
      .rst_ni,
      .abort_i,
      .idle_o     (read_idle_o[p]),
      .beat_o     (read_beat_o[p]),
      .s_arvalid_i(arvalid[p]),
      .s_araddr_i (araddr[64*p +: 64]),
      .s_arlen_i  (arlen[8*p +: 8]),
      .s_arready_o(arready[p]),
      .s_rvalid_o (rvalid[p]),
      .s_rdata_o  (rdata[Lsb +: Bits]),
      .s_rresp_o  (rresp[2*p +: 2]),
      .s_rlast_o  (rlast[p]),
      .s_rready_i (rready[p]),
      .m_arvalid_o(m_arvalid_o[p]),
      .m_araddr_o (m_araddr_o[64*p +: 64]),
      .m_arlen_o  (m_arlen_o[8*p +: 8]),
      .m_arready_i(m_arready_i[p]),
      .m_rvalid_i (m_rvalid_i[p]),
      .m_rdata_i  (m_rdata_i[Lsb +: Bits]),
      .m_rresp_i  (m_rresp_i[2*p +: 2]),
      .m_rlast_i  (m_rlast_i[p]),
      .m_rready_o (m_rready_o[p])
    );
  end
endmodule
