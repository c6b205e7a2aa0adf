// SPDX-License-Identifier: Apache-2.0
// Keeps one AXI read port legal and in step while the master behind it is reset. While abort_i is high no new address is taken, and every
// burst promised so far is marked stale: its address still goes out, its data are swallowed. Later bursts are served as usual, so a memory that
// never answers costs nothing but its own run.
// Latency: 1 cycle on the address channel, 0 on the data channel. Reads come back in order (one ID). idle_o: nothing outstanding.
module squat_axi_read_guard #(
  parameter int unsigned MaxOutstanding = 31,
  parameter int unsigned DataW = 128
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         abort_i,
  output logic         idle_o,
  output logic         beat_o,  // a beat that is not stale was taken from the memory
  // from the master
  input  logic         s_arvalid_i,
  input  logic [63:0]  s_araddr_i,
  input  logic [7:0]   s_arlen_i,
  output logic         s_arready_o,
  output logic         s_rvalid_o,
  output logic [DataW-1:0] s_rdata_o,
  output logic [1:0]   s_rresp_o,
  output logic         s_rlast_o,
  input  logic         s_rready_i,
  // to the memory
  output logic         m_arvalid_o,
  output logic [63:0]  m_araddr_o,
  output logic [7:0]   m_arlen_o,
  input  logic         m_arready_i,
  input  logic         m_rvalid_i,
  input  logic [DataW-1:0] m_rdata_i,
  input  logic [1:0]   m_rresp_i,
  input  logic         m_rlast_i,
  output logic         m_rready_o
);
  // Parameter contract
  // 1 <= MaxOutstanding <= 255: bursts whose last beat has not come. DataW is 128 or 512.
  if (MaxOutstanding < 1 || MaxOutstanding > 255) begin : g_bad_parameters
    $error("squat_axi_read_guard: MaxOutstanding must be 1..255");
  end

  logic        arvalid_q, take, last, stale;
  logic [63:0] araddr_q;
  logic [7:0]  arlen_q, outstanding_q, outstanding_d, stale_q;

  assign m_arvalid_o = arvalid_q;
  assign m_araddr_o  = araddr_q;
  assign m_arlen_o   = arlen_q;
  assign s_arready_o = (!arvalid_q || m_arready_i) && !abort_i && outstanding_q != 8'(MaxOutstanding);
  assign take        = s_arvalid_i && s_arready_o;

  assign stale      = stale_q != '0 || abort_i;
  assign m_rready_o = s_rready_i || stale;
  assign s_rvalid_o = m_rvalid_i && !stale;
  assign s_rdata_o  = m_rdata_i;
  assign s_rresp_o  = m_rresp_i;
  assign s_rlast_o  = m_rlast_i;
  assign beat_o     = s_rvalid_o && s_rready_i;
  assign last       = m_rvalid_i && m_rready_o && m_rlast_i;

  assign outstanding_d = outstanding_q + 8'(take) - 8'(last);
  assign idle_o        = outstanding_q == '0;

  always_ff @(posedge clk_i) begin
    if (m_arready_i) arvalid_q <= 1'b0;
    if (take) begin
      arvalid_q <= 1'b1;
      araddr_q  <= s_araddr_i;
      arlen_q   <= s_arlen_i;
    end
    outstanding_q <= outstanding_d;
    if (abort_i) stale_q <= outstanding_d;
    else if (last && stale_q != '0) stale_q <= stale_q - 8'd1;
    if (!rst_ni) begin
      arvalid_q     <= 1'b0;
      outstanding_q <= '0;
      stale_q       <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_arvalid_o && !m_arready_i |=> m_arvalid_o && $stable(m_araddr_o) && $stable(m_arlen_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_rvalid_i |-> outstanding_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) stale_q <= outstanding_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_arvalid_o |-> 32'(m_araddr_o[11:$clog2(DataW/8)]) + 32'(m_arlen_o) < 32'd32768 / DataW);
`endif
endmodule
