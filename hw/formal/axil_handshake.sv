// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite rules of squat_axil_regs, for any master: a response only after its request, one each, held unchanged until taken;
// a request is taken within 2 cycles once the last response is gone; a run starts only while none runs, and its arguments
// do not change until the next start.
module axil_handshake (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        awvalid_i, wvalid_i, bready_i, arvalid_i, rready_i, done_i,
  input logic [11:0] awaddr_i, araddr_i,
  input logic [31:0] wdata_i,
  input logic [3:0]  wstrb_i
);
  logic        awready, wready, bvalid, arready, rvalid, start, interrupt;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata, cmd_count;
  squat_axil_regs u_regs (
    .clk_i, .rst_ni, .s_awvalid_i(awvalid_i), .s_awaddr_i(awaddr_i), .s_awready_o(awready), .s_wvalid_i(wvalid_i),
    .s_wdata_i(wdata_i), .s_wstrb_i(wstrb_i), .s_wready_o(wready), .s_bvalid_o(bvalid), .s_bresp_o(bresp), .s_bready_i(bready_i),
    .s_arvalid_i(arvalid_i), .s_araddr_i(araddr_i), .s_arready_o(arready), .s_rvalid_o(rvalid), .s_rdata_o(rdata),
    .s_rresp_o(rresp), .s_rready_i(rready_i), .interrupt_o(interrupt), .start_o(start), .done_i, .cmd_count_o(cmd_count),
    .cmd_addr_o(), .w_base_o(), .kv_base_o(), .io_base_o(), .weights_units_o(), .kv_units_o(), .io_units_o(), .watchdog_o(),
    .status_i('0), .error_index_i('0), .commands_done_i('0), .counters_i('0));

  logic        started_q = 1'b0, past_q = 1'b0, running_q, bvalid_q, bready_q, rvalid_q, rready_q, start_q;
  logic [1:0]  aw_q, w_q, ar_q, bresp_q, rresp_q;  // requests taken, not yet answered
  logic [31:0] rdata_q, count_q;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    past_q    <= started_q && rst_ni;
    bvalid_q  <= bvalid;
    bready_q  <= bready_i;
    bresp_q   <= bresp;
    rvalid_q  <= rvalid;
    rready_q  <= rready_i;
    rresp_q   <= rresp;
    rdata_q   <= rdata;
    start_q   <= start;
    count_q   <= cmd_count;
    aw_q      <= aw_q + 2'(awvalid_i && awready) - 2'(bvalid && bready_i);
    w_q       <= w_q + 2'(wvalid_i && wready) - 2'(bvalid && bready_i);
    ar_q      <= ar_q + 2'(arvalid_i && arready) - 2'(rvalid && rready_i);
    if (start) running_q <= 1'b1;
    if (done_i) running_q <= 1'b0;
    if (!rst_ni) {running_q, aw_q, w_q, ar_q} <= '0;
  end

  always_comb begin
    if (!started_q) assume (!rst_ni);
    if (started_q) begin
      if (bvalid) assert (aw_q != 2'd0 && w_q != 2'd0);
      assert (aw_q <= 2'd2 && w_q <= 2'd2);
      assert (rvalid == (ar_q == 2'd1) && ar_q <= 2'd1);
    end
    if (past_q) begin
      if (bvalid_q && !bready_q) assert (bvalid && bresp == bresp_q);
      if (rvalid_q && !rready_q) assert (rvalid && rdata == rdata_q && rresp == rresp_q);
      if (start) assert (!running_q && !start_q);
      if (running_q && !start) assert (cmd_count == count_q);
    end
  end
endmodule
