// SPDX-License-Identifier: Apache-2.0
// Cycle limit of a run: fire_o rises when the run has taken limit_i * 1024 cycles and stays high until clear_i. limit_i = 0: never.
// Latency: 1 cycle. Depends on nothing but the clock and run_i.
module squat_watchdog (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        run_i,
  input  logic [31:0] limit_i,
  output logic        fire_o
);
  // Parameter contract
  // None.
  logic [9:0]  tick_q;
  logic [31:0] units_q;
  logic        fire_q;

  assign fire_o = fire_q;

  always_ff @(posedge clk_i) begin
    if (run_i && !fire_q) begin
      tick_q <= tick_q + 10'd1;
      if (&tick_q) begin
        units_q <= units_q + 32'd1;
        if (limit_i != '0 && units_q + 32'd1 >= limit_i) fire_q <= 1'b1;
      end
    end
    if (clear_i || !rst_ni) begin
      tick_q  <= '0;
      units_q <= '0;
      fire_q  <= 1'b0;
    end
  end

`ifdef FORMAL
  // hw/formal/watchdog_limit.sv: cycles of the run, counted plainly.
  logic [41:0] cycles_q;
  always_ff @(posedge clk_i) begin
    if (run_i && !fire_q) cycles_q <= cycles_q + 42'd1;
    if (clear_i || !rst_ni) cycles_q <= '0;
  end
  always_comb begin
    if (rst_ni) begin
      assert (cycles_q == {units_q, tick_q});
      if (limit_i == '0) assert (!fire_q);
      else assert (fire_q == (cycles_q == {limit_i, 10'd0}) && cycles_q <= {limit_i, 10'd0});
    end
  end
`endif
`ifdef VERILATOR
  // Between a start and the clear that follows it, the limit is the new run's and fire_o still the old one's.
  assert property (@(posedge clk_i) disable iff (!rst_ni) fire_o && run_i |-> limit_i != '0);
`endif
endmodule
