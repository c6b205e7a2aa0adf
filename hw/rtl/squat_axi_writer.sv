// SPDX-License-Identifier: Apache-2.0
// Write side of m_axi_gmem0: clients announce ranges {byte address, beats} and deliver that many beats {data, strobes}; ranges are cut into
// bursts of at most 64 beats within 4 KiB. Client 0 has priority, range by range. Up to MaxBursts responses may be outstanding.
// Latency: 2 cycles from a range to its address, 1 cycle from a beat to the port; back-to-back bursts without bubbles.
// cl_idle_o[c]: every write of client c has been acknowledged. err_valid_o[c]: one cycle for an error response to client c.
// abort_i (level): ranges are dropped, a burst under way is completed with empty strobes, responses still due are swallowed. Survives the units' reset.
module squat_axi_writer #(
  parameter int unsigned Clients = 3,
  parameter int unsigned MaxBursts = 16
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   abort_i,
  output logic                   idle_o,
  output logic                   beat_o,  // a client's beat was taken by the memory
  input  logic [Clients-1:0]     req_valid_i,
  input  logic [Clients*64-1:0]  req_addr_i,
  input  logic [Clients*16-1:0]  req_beats_i,
  output logic [Clients-1:0]     req_ready_o,
  input  logic [Clients-1:0]     w_valid_i,
  input  logic [Clients*128-1:0] w_data_i,
  input  logic [Clients*16-1:0]  w_strb_i,
  output logic [Clients-1:0]     w_ready_o,
  output logic [Clients-1:0]     cl_idle_o,
  output logic [Clients-1:0]     err_valid_o,
  output logic                   m_awvalid_o,
  output logic [63:0]            m_awaddr_o,
  output logic [7:0]             m_awlen_o,
  input  logic                   m_awready_i,
  output logic                   m_wvalid_o,
  output logic [127:0]           m_wdata_o,
  output logic [15:0]            m_wstrb_o,
  output logic                   m_wlast_o,
  input  logic                   m_wready_i,
  input  logic                   m_bvalid_i,
  input  logic [1:0]             m_bresp_i,
  output logic                   m_bready_o
);
  // Parameter contract
  // Addresses are 16-byte aligned, a range has at least one beat. MaxBursts is a power of two.
  if (Clients < 2 || Clients > 3 || MaxBursts < 2 || (MaxBursts & (MaxBursts - 1)) != 0) begin : g_bad_parameters
    $error("squat_axi_writer: Clients must be 2..3, MaxBursts a power of two >= 2");
  end

  localparam int unsigned PtrW = $clog2(MaxBursts);
  localparam logic [1:0] Nobody = 2'd3;

  // ---- range
  logic        active_q, accept, start, finish, unused_ok;
  logic [1:0]  owner_q, pick;
  logic [63:0] addr_q;
  logic [15:0] left_q;
  logic [6:0]  beats;
  // ---- burst
  logic        burst_q, fill_q, beat_in, w_free, in_valid;
  logic [1:0]  burst_owner_q;
  logic [6:0]  burst_left_q;
  logic        awvalid_q, wvalid_q, wlast_q, wstale_q;
  logic [63:0] awaddr_q;
  logic [7:0]  awlen_q;
  logic [127:0] wdata_q;
  logic [15:0] wstrb_q;
  // ---- responses due: owner per burst in order
  logic [1:0]      due_owner_q [MaxBursts];
  logic [PtrW-1:0] due_wr_q, due_rd_q;
  logic [PtrW:0]   due_q;
  logic            b_take;
  logic [1:0]      b_owner;
  logic [Clients*(PtrW+1)-1:0] client_due_q;

  always_comb begin
    pick = '0;
    for (int c = Clients - 1; c >= 0; c--) begin
      if (req_valid_i[c]) pick = 2'(c);
    end
    accept = |req_valid_i && !abort_i && (!active_q || (start && left_q == 16'(beats)));
    req_ready_o = '0;
    if (accept) req_ready_o[pick] = 1'b1;
  end

  squat_burst_cut u_cut (
    .addr_i (addr_q[11:4]),
    .left_i (left_q),
    .beats_o(beats)
  );

  assign w_free   = !wvalid_q || m_wready_i;
  assign in_valid = burst_q && (fill_q || (|(w_valid_i & (Clients'(1) << burst_owner_q)) && !abort_i));
  assign beat_in  = in_valid && w_free;
  assign finish   = beat_in && burst_left_q == 7'd1;
  assign start    = active_q && !abort_i && (!burst_q || finish) && (!awvalid_q || m_awready_i) && due_q != (PtrW + 1)'(MaxBursts);

  always_comb begin
    w_ready_o = '0;
    if (burst_q && !fill_q && !abort_i && w_free) w_ready_o = Clients'(1) << burst_owner_q;
  end

  always_ff @(posedge clk_i) begin
    if (m_awready_i) awvalid_q <= 1'b0;
    if (m_wready_i) wvalid_q <= 1'b0;
    if (beat_in) begin
      wvalid_q     <= 1'b1;
      wlast_q      <= burst_left_q == 7'd1;
      wstale_q     <= fill_q;
      wstrb_q      <= fill_q ? '0 : w_strb_i[16*burst_owner_q +: 16];
      wdata_q      <= w_data_i[128*burst_owner_q +: 128];
      burst_left_q <= burst_left_q - 7'd1;
      if (finish) begin
        burst_q <= 1'b0;
        fill_q  <= 1'b0;
      end
    end
    if (start) begin
      burst_q       <= 1'b1;
      burst_owner_q <= owner_q;
      burst_left_q  <= beats;
      awvalid_q     <= 1'b1;
      awaddr_q      <= addr_q;
      awlen_q       <= 8'(beats - 7'd1);
      addr_q        <= addr_q + {53'd0, beats, 4'd0};
      left_q        <= left_q - 16'(beats);
      active_q      <= left_q != 16'(beats);
    end
    if (accept) begin
      active_q <= 1'b1;
      owner_q  <= pick;
      addr_q   <= req_addr_i[64*pick +: 64];
      left_q   <= req_beats_i[16*pick +: 16];
    end
    if (abort_i) begin
      active_q <= 1'b0;
      wstale_q <= 1'b1;
      if (burst_q && !finish) fill_q <= 1'b1;
    end
    if (!rst_ni) {active_q, burst_q, fill_q, awvalid_q, wvalid_q} <= '0;
  end

  // ---- responses
  assign m_bready_o = 1'b1;
  assign unused_ok  = m_bresp_i[0];
  assign b_take     = m_bvalid_i && due_q != '0;
  assign b_owner    = abort_i ? Nobody : due_owner_q[due_rd_q];

  always_ff @(posedge clk_i) begin
    if (start) begin
      due_owner_q[due_wr_q] <= owner_q;
      due_wr_q <= due_wr_q + 1'b1;
    end
    if (b_take) due_rd_q <= due_rd_q + 1'b1;
    due_q <= due_q + (PtrW + 1)'(start) - (PtrW + 1)'(b_take);
    for (int c = 0; c < Clients; c++) begin
      client_due_q[c*(PtrW+1) +: PtrW+1] <= client_due_q[c*(PtrW+1) +: PtrW+1] + (PtrW + 1)'(start && owner_q == 2'(c))
                                            - (PtrW + 1)'(b_take && b_owner == 2'(c));
    end
    if (abort_i) begin
      client_due_q <= '0;
      for (int i = 0; i < MaxBursts; i++) due_owner_q[i] <= Nobody;
    end
    if (!rst_ni) begin
      due_wr_q     <= '0;
      due_rd_q     <= '0;
      due_q        <= '0;
      client_due_q <= '0;
    end
  end

  always_comb begin
    for (int c = 0; c < Clients; c++) begin
      err_valid_o[c] = b_take && b_owner == 2'(c) && m_bresp_i[1];
      cl_idle_o[c]   = client_due_q[c*(PtrW+1) +: PtrW+1] == '0 && !(active_q && owner_q == 2'(c));
    end
  end

  assign idle_o      = due_q == '0 && !active_q;
  assign beat_o      = wvalid_q && m_wready_i && !wstale_q;
  assign m_awvalid_o = awvalid_q;
  assign m_awaddr_o  = awaddr_q;
  assign m_awlen_o   = awlen_q;
  assign m_wvalid_o  = wvalid_q;
  assign m_wdata_o   = wdata_q;
  assign m_wstrb_o   = wstrb_q;
  assign m_wlast_o   = wlast_q;

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_awvalid_o && !m_awready_i |=> m_awvalid_o && $stable(m_awaddr_o) && $stable(m_awlen_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_wvalid_o && !m_wready_i |=> m_wvalid_o && $stable(m_wdata_o) && $stable(m_wstrb_o) && $stable(m_wlast_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_awvalid_o |-> 32'(m_awaddr_o[11:4]) + 32'(m_awlen_o) <= 32'd255);
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_bvalid_i |-> due_q != '0);
`endif
endmodule
