// SPDX-License-Identifier: Apache-2.0
// A small kernel with the ports and registers of squat_kernel, to test the simulated device without the accelerator.
// Port i reads `weights_units / 4` beats from weights<i>; cmd_count says what happens to them:
//   1  copy: all beats of port 0, then of port 1, ... to io
//   2  sum: each port adds its beats as four 32-bit lanes; the four sums go to io
//   3  as 1, but never done          4  as 2, breaking an AXI rule on port 2          5  as 2, port 3 reading from address 0
// Port 0 also reads kv_units beats from cmd and adds them to the first sum.
module squat_standin (
  input  logic         ap_clk,
  input  logic         ap_rst_n,
  /* verilator lint_off SYMRSVDWORD */
  output logic         interrupt,
  /* verilator lint_on SYMRSVDWORD */
  input  logic         s_axi_control_awvalid,
  input  logic [11:0]  s_axi_control_awaddr,
  output logic         s_axi_control_awready,
  input  logic         s_axi_control_wvalid,
  input  logic [31:0]  s_axi_control_wdata,
  input  logic [3:0]   s_axi_control_wstrb,
  output logic         s_axi_control_wready,
  output logic         s_axi_control_bvalid,
  output logic [1:0]   s_axi_control_bresp,
  input  logic         s_axi_control_bready,
  input  logic         s_axi_control_arvalid,
  input  logic [11:0]  s_axi_control_araddr,
  output logic         s_axi_control_arready,
  output logic         s_axi_control_rvalid,
  output logic [31:0]  s_axi_control_rdata,
  output logic [1:0]   s_axi_control_rresp,
  input  logic         s_axi_control_rready,
`define STANDIN_READ_PORT(N) \
  output logic         m_axi_gmem``N``_arvalid, \
  output logic [63:0]  m_axi_gmem``N``_araddr, \
  output logic [7:0]   m_axi_gmem``N``_arlen, \
  output logic [2:0]   m_axi_gmem``N``_arsize, \
  output logic [1:0]   m_axi_gmem``N``_arburst, \
  input  logic         m_axi_gmem``N``_arready, \
  input  logic         m_axi_gmem``N``_rvalid, \
  input  logic [127:0] m_axi_gmem``N``_rdata, \
  input  logic [1:0]   m_axi_gmem``N``_rresp, \
  input  logic         m_axi_gmem``N``_rlast, \
  output logic         m_axi_gmem``N``_rready,
  `STANDIN_READ_PORT(0)
  `STANDIN_READ_PORT(1)
  `STANDIN_READ_PORT(2)
  `STANDIN_READ_PORT(3)
  `STANDIN_READ_PORT(4)
  output logic         m_axi_gmem0_awvalid,
  output logic [63:0]  m_axi_gmem0_awaddr,
  output logic [7:0]   m_axi_gmem0_awlen,
  output logic [2:0]   m_axi_gmem0_awsize,
  output logic [1:0]   m_axi_gmem0_awburst,
  input  logic         m_axi_gmem0_awready,
  output logic         m_axi_gmem0_wvalid,
  output logic [127:0] m_axi_gmem0_wdata,
  output logic [15:0]  m_axi_gmem0_wstrb,
  output logic         m_axi_gmem0_wlast,
  input  logic         m_axi_gmem0_wready,
  input  logic         m_axi_gmem0_bvalid,
  input  logic [1:0]   m_axi_gmem0_bresp,
  output logic         m_axi_gmem0_bready
);
  logic [639:0] args;
  logic         start, go_q, finish, writer_done, writer_error, sum_mode, wild;
  logic [63:0]  io;
  logic [31:0]  mode, quarter;
  logic [4:0]   rd_error, rd_valid, pop;
  logic [639:0] rd_data;
  logic         unused_bits;

  assign io          = args[8*(squat_spec_pkg::RegIo - 12'h020) +: 64];
  assign mode        = args[8*(squat_spec_pkg::RegCmdCount - 12'h020) +: 32];
  assign quarter     = args[8*(squat_spec_pkg::RegWeightsUnits - 12'h020) +: 32] >> 2;
  assign sum_mode    = mode == 32'd2 || mode == 32'd4 || mode == 32'd5;
  assign wild        = mode == 32'd4;
  assign unused_bits = ^{s_axi_control_wstrb, m_axi_gmem0_rlast, m_axi_gmem1_rlast, m_axi_gmem2_rlast, m_axi_gmem3_rlast, m_axi_gmem4_rlast, args};

  standin_regs u_regs (
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .interrupt_o(interrupt), .start_o(start), .done_i(finish), .args_o(args),
    .failed_i({writer_error, |rd_error}),
    .awvalid_i(s_axi_control_awvalid), .awaddr_i(s_axi_control_awaddr), .awready_o(s_axi_control_awready),
    .wvalid_i(s_axi_control_wvalid), .wdata_i(s_axi_control_wdata), .wready_o(s_axi_control_wready),
    .bvalid_o(s_axi_control_bvalid), .bready_i(s_axi_control_bready),
    .arvalid_i(s_axi_control_arvalid), .araddr_i(s_axi_control_araddr), .arready_o(s_axi_control_arready),
    .rvalid_o(s_axi_control_rvalid), .rdata_o(s_axi_control_rdata), .rready_i(s_axi_control_rready));
  assign s_axi_control_bresp = 2'b00;
  assign s_axi_control_rresp = 2'b00;

`define STANDIN_READER(N, BASE, BEATS, WILD) \
  standin_reader u_reader``N`` ( \
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .start_i(start), .wild_i(WILD), .base_i(BASE), .beats_i(BEATS), \
    .arvalid_o(m_axi_gmem``N``_arvalid), .araddr_o(m_axi_gmem``N``_araddr), .arlen_o(m_axi_gmem``N``_arlen), .arready_i(m_axi_gmem``N``_arready), \
    .rvalid_i(m_axi_gmem``N``_rvalid), .rdata_i(m_axi_gmem``N``_rdata), .rresp_i(m_axi_gmem``N``_rresp), .rready_o(m_axi_gmem``N``_rready), \
    .error_o(rd_error[N]), .valid_o(rd_valid[N]), .data_o(rd_data[128*N +: 128]), .pop_i(pop[N])); \
  assign m_axi_gmem``N``_arsize = 3'd4; \
  assign m_axi_gmem``N``_arburst = 2'd1;
  `STANDIN_READER(0, args[0 +: 64], args[8*(squat_spec_pkg::RegKvUnits - 12'h020) +: 32], 1'b0)
  `STANDIN_READER(1, args[64 +: 64], quarter, 1'b0)
  `STANDIN_READER(2, args[128 +: 64], quarter, wild)
  `STANDIN_READER(3, mode == 32'd5 ? 64'd0 : args[192 +: 64], quarter, 1'b0)
  `STANDIN_READER(4, args[256 +: 64], quarter, 1'b0)

  // ---- sums, and the count of beats still to be taken from every port
  logic [511:0] sum_q;
  logic [159:0] left_q;
  logic [1:0]   turn_q;   // port the writer takes from
  logic         sums_done, wr_valid, wr_pop, never_q;
  logic [127:0] wr_data;

  assign sums_done = left_q == '0;
  assign wr_valid  = sum_mode ? sums_done : left_q[31:0] == 0 && rd_valid[32'(turn_q) + 1];
  assign wr_data   = sum_mode ? sum_q[128*32'(turn_q) +: 128] : rd_data[128*(32'(turn_q) + 1) +: 128];

  always_comb begin
    pop = rd_valid & {{4{sum_mode}}, 1'b1};
    if (!sum_mode) pop[32'(turn_q) + 1] = wr_pop;
  end

  always_ff @(posedge ap_clk) begin
    go_q <= start;
    for (int p = 0; p < 5; p++) begin
      if (pop[p]) begin
        left_q[32*p +: 32] <= left_q[32*p +: 32] - 32'd1;
        if (p != 0) begin
          for (int l = 0; l < 4; l++) sum_q[128*(p-1) + 32*l +: 32] <= sum_q[128*(p-1) + 32*l +: 32] + rd_data[128*p + 32*l +: 32];
        end
      end
    end
    if (pop[0]) begin
      for (int l = 0; l < 4; l++) sum_q[32*l +: 32] <= sum_q[32*l +: 32] + rd_data[32*l +: 32] + (pop[1] ? rd_data[128 + 32*l +: 32] : 32'd0);
    end
    if (wr_pop && (sum_mode || left_q[32*(32'(turn_q) + 1) +: 32] == 32'd1)) turn_q <= turn_q + 2'd1;
    if (start) begin
      sum_q   <= '0;
      left_q  <= {{4{quarter}}, args[8*(squat_spec_pkg::RegKvUnits - 12'h020) +: 32]};
      turn_q  <= '0;
      never_q <= mode == 32'd3;
    end
    if (!ap_rst_n) begin
      go_q   <= 1'b0;
      left_q <= '0;
      turn_q <= '0;
    end
  end

  standin_writer u_writer (
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .start_i(go_q), .base_i(io), .beats_i(sum_mode ? 32'd4 : quarter << 2),
    .valid_i(wr_valid), .data_i(wr_data), .pop_o(wr_pop),
    .awvalid_o(m_axi_gmem0_awvalid), .awaddr_o(m_axi_gmem0_awaddr), .awlen_o(m_axi_gmem0_awlen), .awready_i(m_axi_gmem0_awready),
    .wvalid_o(m_axi_gmem0_wvalid), .wdata_o(m_axi_gmem0_wdata), .wlast_o(m_axi_gmem0_wlast), .wready_i(m_axi_gmem0_wready),
    .bvalid_i(m_axi_gmem0_bvalid), .bresp_i(m_axi_gmem0_bresp), .bready_o(m_axi_gmem0_bready), .error_o(writer_error), .done_o(writer_done));
  assign m_axi_gmem0_awsize  = 3'd4;
  assign m_axi_gmem0_awburst = 2'd1;
  assign m_axi_gmem0_wstrb   = '1;

  assign finish = writer_done && !never_q;
endmodule
