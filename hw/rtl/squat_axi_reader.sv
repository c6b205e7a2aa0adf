// SPDX-License-Identifier: Apache-2.0
// Read side of m_axi_gmem0: clients ask for ranges {byte address, beats}; ranges are cut into bursts of at most 64 beats that never cross
// 4 KiB, and the beats return to their client in order. Client 0 has priority, range by range.
// Latency: 2 cycles from a range to its first address. Clients must take data without waiting for one another (one data channel).
// rd_valid_o[c]/rd_ready_i[c]: one beat on the shared rd_data_o. err_valid_o[c]: one cycle for a beat with an error response.
module squat_axi_reader #(
  parameter int unsigned Clients = 2,
  parameter int unsigned MaxBursts = 8  // outstanding
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [Clients-1:0]    req_valid_i,
  input  logic [Clients*64-1:0] req_addr_i,
  input  logic [Clients*16-1:0] req_beats_i,
  output logic [Clients-1:0]    req_ready_o,
  output logic [Clients-1:0]    rd_valid_o,
  output logic [127:0]          rd_data_o,
  input  logic [Clients-1:0]    rd_ready_i,
  output logic [Clients-1:0]    err_valid_o,
  output logic                  m_arvalid_o,
  output logic [63:0]           m_araddr_o,
  output logic [7:0]            m_arlen_o,
  input  logic                  m_arready_i,
  input  logic                  m_rvalid_i,
  input  logic [127:0]          m_rdata_i,
  input  logic [1:0]            m_rresp_i,
  input  logic                  m_rlast_i,
  output logic                  m_rready_o
);
  // Parameter contract
  // Addresses are 16-byte aligned, a range has at least one beat. MaxBursts is a power of two.
  if (Clients < 2 || Clients > 4 || MaxBursts < 2) begin : g_bad_parameters
    $error("squat_axi_reader: Clients must be 2..4, MaxBursts >= 2");
  end

  localparam int unsigned IdW = $clog2(Clients);

  logic               active_q, order_ready, order_valid, issue, unused_ok;
  logic [IdW-1:0]     owner_q, pick, head;
  logic [63:0]        addr_q;
  logic [15:0]        left_q;
  logic [6:0]         beats;
  logic [$clog2(MaxBursts):0] bursts;

  // ---- choice of a range
  always_comb begin
    pick = '0;
    for (int c = Clients - 1; c >= 0; c--) begin
      if (req_valid_i[c]) pick = IdW'(c);
    end
    req_ready_o = '0;
    if (!active_q) req_ready_o[pick] = req_valid_i[pick];
  end

  // ---- bursts
  squat_burst_cut u_cut (
    .addr_i (addr_q[11:4]),
    .left_i (left_q),
    .beats_o(beats)
  );

  assign m_arvalid_o = active_q && order_ready;
  assign m_araddr_o  = addr_q;
  assign m_arlen_o   = 8'(beats - 7'd1);
  assign issue       = m_arvalid_o && m_arready_i;

  always_ff @(posedge clk_i) begin
    if (|req_ready_o) begin
      active_q <= 1'b1;
      owner_q  <= pick;
      addr_q   <= req_addr_i[64*pick +: 64];
      left_q   <= req_beats_i[16*pick +: 16];
    end
    if (issue) begin
      active_q <= left_q != 16'(beats);
      addr_q   <= addr_q + {53'd0, beats, 4'd0};
      left_q   <= left_q - 16'(beats);
    end
    if (!rst_ni) active_q <= 1'b0;
  end

  // ---- data back to the owner of the oldest burst
  squat_sync_fifo #(
    .Width(IdW),
    .Depth(MaxBursts)
  ) u_order (
    .clk_i,
    .rst_ni,
    .wr_valid_i(issue),
    .wr_data_i (owner_q),
    .wr_ready_o(order_ready),
    .rd_valid_o(order_valid),
    .rd_data_o (head),
    .rd_ready_i(m_rvalid_i && m_rready_o && m_rlast_i),
    .count_o   (bursts)
  );

  assign rd_data_o = m_rdata_i;
  assign unused_ok = ^{bursts, m_rresp_i[0]};

  always_comb begin
    rd_valid_o  = '0;
    err_valid_o = '0;
    m_rready_o  = order_valid && rd_ready_i[head];
    rd_valid_o[head]  = order_valid && m_rvalid_i;
    err_valid_o[head] = order_valid && m_rvalid_i && m_rready_o && m_rresp_i[1];
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_arvalid_o |-> m_araddr_o[3:0] == '0 && beats != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_rvalid_i |-> order_valid);
`endif
endmodule
