// SPDX-License-Identifier: Apache-2.0
// Test bench: command fetch through the read side of m_axi_gmem0, dispatch, and four units played by the test.
module squat_dispatch_bench (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          go_i,
  input  logic          stop_i,
  input  logic [3:0]    record_ready_i,
  input  logic [63:0]   cmd_addr_i,
  input  logic [15:0]   cmd_count_i,
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
  output logic          complete_o,
  output logic [1:0]    rd_err_o,
  output logic          m_arvalid,
  output logic [63:0]   m_araddr,
  output logic [7:0]    m_arlen,
  input  logic          m_arready,
  input  logic          m_rvalid,
  input  logic [127:0]  m_rdata,
  input  logic [1:0]    m_rresp,
  input  logic          m_rlast,
  output logic          m_rready
);
  logic         req_valid, rd_ready, f_valid, f_ready, f_done, f_corrupt;
  logic [63:0]  req_addr;
  logic [15:0]  req_beats, f_index;
  logic [1:0]   req_ready, rd_valid;
  logic [127:0] rd_data;
  logic [511:0] f_cmd;
  logic         unused_ok;

  assign unused_ok = ^{req_ready[1], rd_valid[1]};

  squat_cmd_fetch u_fetch (
    .clk_i,
    .rst_ni,
    .go_i,
    .cmd_addr_i,
    .cmd_count_i,
    .done_o     (f_done),
    .req_valid_o(req_valid),
    .req_addr_o (req_addr),
    .req_beats_o(req_beats),
    .req_ready_i(req_ready[0]),
    .rd_valid_i (rd_valid[0]),
    .rd_data_i  (rd_data),
    .rd_ready_o (rd_ready),
    .cmd_valid_o(f_valid),
    .cmd_o      (f_cmd),
    .cmd_index_o(f_index),
    .cmd_corrupt_o(f_corrupt),
    .cmd_ready_i(f_ready)
  );

  squat_axi_reader u_reader (
    .clk_i,
    .rst_ni,
    .req_valid_i({1'b0, req_valid}),
    .req_addr_i ({64'd0, req_addr}),
    .req_beats_i({16'd0, req_beats}),
    .req_ready_o(req_ready),
    .rd_valid_o (rd_valid),
    .rd_data_o  (rd_data),
    .rd_ready_i ({1'b0, rd_ready}),
    .err_valid_o(rd_err_o),
    .m_arvalid_o(m_arvalid),
    .m_araddr_o (m_araddr),
    .m_arlen_o  (m_arlen),
    .m_arready_i(m_arready),
    .m_rvalid_i (m_rvalid),
    .m_rdata_i  (m_rdata),
    .m_rresp_i  (m_rresp),
    .m_rlast_i  (m_rlast),
    .m_rready_o (m_rready)
  );

  squat_dispatch u_dispatch (
    .clk_i,
    .rst_ni,
    .stop_i,
    .record_ready_i,
    .f_valid_i(f_valid),
    .f_cmd_i  (f_cmd),
    .f_index_i(f_index),
    .f_corrupt_i(f_corrupt),
    .f_ready_o(f_ready),
    .f_done_i (f_done),
    .cmd_valid_o,
    .cmd_o,
    .cmd_index_o,
    .cmd_ready_i,
    .done_i,
    .bad_valid_o,
    .bad_index_o,
    .bad_code_o,
    .run_valid_o,
    .run_index_o,
    .complete_o
  );
endmodule
