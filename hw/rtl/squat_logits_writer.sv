// SPDX-License-Identifier: Apache-2.0
// Logits to the pass buffer: each 512-bit beat of squat_post becomes 4 AXI beats; two queued beats with consecutive addresses share a range.
// Latency: 3 cycles to the first AXI beat. lg_ready_o depends on the fill level only. A beat beyond io_units raises err_valid_o
// (bad_address) once, before anything of it is issued, and stops the unit until the next reset. idle_o: nothing queued.
module squat_logits_writer #(
  parameter int unsigned Depth = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [63:0]  io_base_i,
  input  logic [31:0]  io_units_i,
  input  logic         lg_valid_i,
  input  logic [31:0]  lg_addr_i,  // units of 16 bytes
  input  logic [511:0] lg_data_i,
  output logic         lg_ready_o,
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  input  logic         w_ready_i,
  output logic         idle_o,
  output logic [31:0]  sum_o,  // sum (squat_fold_pkg) of all beats of this run
  output logic         err_valid_o,
  output logic [7:0]   err_code_o
);
  // Parameter contract
  // Depth is a power of two.
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("squat_logits_writer: Depth must be a power of two >= 2");
  end

  localparam int unsigned PtrW = $clog2(Depth);

  // Entries: wr_ptr newest; req_ptr next to be announced; data_ptr being written. count_q held, waiting_q not yet announced.
  logic [31:0]     addr_mem_q [Depth];
  logic [511:0]    data_mem_q [Depth];
  logic [PtrW-1:0] wr_ptr_q, req_ptr_q, data_ptr_q;
  logic [PtrW:0]   count_q, waiting_q;
  logic            push, pop, announce, two, req_q, failed_q, outside;
  logic [1:0]      quarter_q;
  logic [31:0]     first, second, req_unit_q;
  logic            req_two_q;
  logic [31:0]     sum_q;

  assign lg_ready_o = count_q != (PtrW + 1)'(Depth);
  assign push       = lg_valid_i && lg_ready_o;
  assign first      = addr_mem_q[req_ptr_q];
  assign second     = addr_mem_q[req_ptr_q + 1'b1];
  assign two        = waiting_q > 1 && second == first + 32'd4;
  assign outside    = {1'b0, first} + (two ? 33'd8 : 33'd4) > {1'b0, io_units_i};
  // At most one announced entry is still to be written: later beats can wait for a neighbour meanwhile.
  assign announce   = waiting_q != '0 && !req_q && !failed_q && !outside && count_q - waiting_q <= (PtrW + 1)'(1);

  assign req_valid_o = req_q;
  assign req_addr_o  = io_base_i + {28'd0, req_unit_q, 4'd0};
  assign req_beats_o = req_two_q ? 16'd8 : 16'd4;
  assign w_valid_o   = count_q != waiting_q;
  assign w_data_o    = data_mem_q[data_ptr_q][128*quarter_q +: 128];
  assign w_strb_o    = '1;
  assign pop         = w_valid_o && w_ready_i && quarter_q == 2'd3;
  assign idle_o      = count_q == '0 && !req_q;
  assign err_valid_o = waiting_q != '0 && !req_q && !failed_q && outside;
  assign err_code_o  = squat_spec_pkg::ErrorBadAddress;
  assign sum_o       = sum_q;

  always_ff @(posedge clk_i) begin
    if (push) begin
      sum_q <= sum_q ^ squat_fold_pkg::fold(lg_data_i[127:0], lg_addr_i[2:0]) ^
               squat_fold_pkg::fold(lg_data_i[255:128], lg_addr_i[2:0] + 3'd1) ^
               squat_fold_pkg::fold(lg_data_i[383:256], lg_addr_i[2:0] + 3'd2) ^
               squat_fold_pkg::fold(lg_data_i[511:384], lg_addr_i[2:0] + 3'd3);
      addr_mem_q[wr_ptr_q] <= lg_addr_i;
      data_mem_q[wr_ptr_q] <= lg_data_i;
      wr_ptr_q <= wr_ptr_q + 1'b1;
    end
    if (req_ready_i) req_q <= 1'b0;
    if (announce) begin
      req_q      <= 1'b1;
      req_unit_q <= first;
      req_two_q  <= two;
      req_ptr_q  <= req_ptr_q + PtrW'(two ? 2 : 1);
    end
    if (w_valid_o && w_ready_i) quarter_q <= quarter_q + 2'd1;
    if (pop) data_ptr_q <= data_ptr_q + 1'b1;
    if (err_valid_o) failed_q <= 1'b1;
    count_q   <= count_q + (PtrW + 1)'(push) - (PtrW + 1)'(pop);
    waiting_q <= waiting_q + (PtrW + 1)'(push) - (announce ? (PtrW + 1)'(two ? 2 : 1) : '0);
    if (!rst_ni) begin
      {wr_ptr_q, req_ptr_q, data_ptr_q} <= '0;
      sum_q     <= '0;
      count_q   <= '0;
      waiting_q <= '0;
      quarter_q <= '0;
      req_q     <= 1'b0;
      failed_q  <= 1'b0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) waiting_q <= count_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) req_valid_o && !req_ready_i |=> req_valid_o && $stable(req_addr_o) && $stable(req_beats_o));
`endif
endmodule
