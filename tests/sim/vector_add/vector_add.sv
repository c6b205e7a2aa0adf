// SPDX-License-Identifier: Apache-2.0
// A kernel that is not the accelerator's, for the emulation library: sum[i] = a[i] + b[i], lanes of 32 bits, in words of 16
// bytes. It is polled (no interrupt), reads a on m_axi_gmem0 and b on m_axi_gmem1, and writes on m_axi_gmem0.
module vector_add #(
  parameter bit Chain = 1'b0  // ap_ctrl_chain: done stays until ap_continue is written; else ap_ctrl_hs
) (
  input  logic         ap_clk,
  input  logic         ap_rst_n,
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
  output logic         m_axi_gmem0_arvalid,
  output logic [63:0]  m_axi_gmem0_araddr,
  output logic [7:0]   m_axi_gmem0_arlen,
  output logic [2:0]   m_axi_gmem0_arsize,
  output logic [1:0]   m_axi_gmem0_arburst,
  input  logic         m_axi_gmem0_arready,
  input  logic         m_axi_gmem0_rvalid,
  input  logic [127:0] m_axi_gmem0_rdata,
  input  logic [1:0]   m_axi_gmem0_rresp,
  input  logic         m_axi_gmem0_rlast,
  output logic         m_axi_gmem0_rready,
  output logic         m_axi_gmem1_arvalid,
  output logic [63:0]  m_axi_gmem1_araddr,
  output logic [7:0]   m_axi_gmem1_arlen,
  output logic [2:0]   m_axi_gmem1_arsize,
  output logic [1:0]   m_axi_gmem1_arburst,
  input  logic         m_axi_gmem1_arready,
  input  logic         m_axi_gmem1_rvalid,
  input  logic [127:0] m_axi_gmem1_rdata,
  input  logic [1:0]   m_axi_gmem1_rresp,
  input  logic         m_axi_gmem1_rlast,
  output logic         m_axi_gmem1_rready,
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
  typedef enum logic [2:0] {StIdle, StRead, StData, StWrite, StSend, StAnswer} state_e;

  state_e       state_q;
  logic [31:0]  regs_q [7];  // 0x10 a low, a high, b low, b high, sum low, sum high, words
  logic         done_q, bvalid_q, rvalid_q, a_asked_q, b_asked_q, a_here_q, b_here_q;
  logic [31:0]  rdata_q, word_q;
  logic [127:0] a_q, b_q;
  logic         wr_do, rd_do, start, last, unused_bits;
  logic [63:0]  offset;

  assign unused_bits = ^{s_axi_control_wstrb, m_axi_gmem0_rresp, m_axi_gmem1_rresp, m_axi_gmem0_rlast, m_axi_gmem1_rlast, m_axi_gmem0_bresp};
  assign offset      = {28'd0, word_q, 4'd0};
  assign last        = word_q + 32'd1 == regs_q[6];

  // ---- control registers: address and data are taken together
  assign wr_do                 = s_axi_control_awvalid && s_axi_control_wvalid && !bvalid_q;
  assign rd_do                 = s_axi_control_arvalid && !rvalid_q;
  assign start                 = wr_do && s_axi_control_awaddr == 12'd0 && s_axi_control_wdata[0] && state_q == StIdle && !(Chain && done_q);
  assign s_axi_control_awready = wr_do;
  assign s_axi_control_wready  = wr_do;
  assign s_axi_control_bvalid  = bvalid_q;
  assign s_axi_control_bresp   = 2'd0;
  assign s_axi_control_arready = !rvalid_q;
  assign s_axi_control_rvalid  = rvalid_q;
  assign s_axi_control_rdata   = rdata_q;
  assign s_axi_control_rresp   = 2'd0;

  // ---- memory: one beat per burst
  assign m_axi_gmem0_arvalid = state_q == StRead && !a_asked_q;
  assign m_axi_gmem0_araddr  = {regs_q[1], regs_q[0]} + offset;
  assign m_axi_gmem1_arvalid = state_q == StRead && !b_asked_q;
  assign m_axi_gmem1_araddr  = {regs_q[3], regs_q[2]} + offset;
  assign {m_axi_gmem0_arlen, m_axi_gmem1_arlen, m_axi_gmem0_awlen}       = '0;
  assign {m_axi_gmem0_arsize, m_axi_gmem1_arsize, m_axi_gmem0_awsize}    = {3{3'd4}};
  assign {m_axi_gmem0_arburst, m_axi_gmem1_arburst, m_axi_gmem0_awburst} = {3{2'd1}};
  assign m_axi_gmem0_rready  = 1'b1;
  assign m_axi_gmem1_rready  = 1'b1;
  assign m_axi_gmem0_awvalid = state_q == StWrite;
  assign m_axi_gmem0_awaddr  = {regs_q[5], regs_q[4]} + offset;
  assign m_axi_gmem0_wvalid  = state_q == StSend;
  assign m_axi_gmem0_wstrb   = '1;
  assign m_axi_gmem0_wlast   = 1'b1;
  assign m_axi_gmem0_bready  = state_q == StAnswer;
  always_comb begin
    for (int l = 0; l < 4; l++) m_axi_gmem0_wdata[32*l +: 32] = a_q[32*l +: 32] + b_q[32*l +: 32];
  end

  always_ff @(posedge ap_clk) begin
    if (s_axi_control_bready) bvalid_q <= 1'b0;
    if (s_axi_control_rready) rvalid_q <= 1'b0;
    if (wr_do) begin
      bvalid_q <= 1'b1;
      for (int r = 0; r < 7; r++) begin
        if (s_axi_control_awaddr == 12'h010 + 12'(4 * r)) regs_q[r] <= s_axi_control_wdata;
      end
      if (Chain && s_axi_control_awaddr == 12'd0 && s_axi_control_wdata[4]) done_q <= 1'b0;
    end
    if (rd_do) begin
      rvalid_q <= 1'b1;
      rdata_q  <= s_axi_control_araddr == 12'd0 ? {29'd0, state_q == StIdle, done_q, state_q != StIdle} : '0;
      if (!Chain && s_axi_control_araddr == 12'd0) done_q <= 1'b0;
    end
    if (m_axi_gmem0_rvalid) begin
      a_q      <= m_axi_gmem0_rdata;
      a_here_q <= 1'b1;
    end
    if (m_axi_gmem1_rvalid) begin
      b_q      <= m_axi_gmem1_rdata;
      b_here_q <= 1'b1;
    end
    unique case (state_q)
      StIdle: if (start) begin
        word_q  <= '0;
        done_q  <= regs_q[6] == '0;
        state_q <= regs_q[6] == '0 ? StIdle : StRead;
      end
      StRead: begin
        if (m_axi_gmem0_arready) a_asked_q <= 1'b1;
        if (m_axi_gmem1_arready) b_asked_q <= 1'b1;
        if (a_asked_q && b_asked_q) state_q <= StData;
      end
      StData: if (a_here_q && b_here_q) state_q <= StWrite;
      StWrite: if (m_axi_gmem0_awready) state_q <= StSend;
      StSend: if (m_axi_gmem0_wready) state_q <= StAnswer;
      default: if (m_axi_gmem0_bvalid) begin
        {a_asked_q, b_asked_q, a_here_q, b_here_q} <= '0;
        word_q  <= word_q + 32'd1;
        state_q <= last ? StIdle : StRead;
        if (last) done_q <= 1'b1;
      end
    endcase
    if (!ap_rst_n) begin
      state_q <= StIdle;
      {done_q, bvalid_q, rvalid_q, a_asked_q, b_asked_q, a_here_q, b_here_q} <= '0;
    end
  end
endmodule
