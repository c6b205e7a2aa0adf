// SPDX-License-Identifier: Apache-2.0
// The watchdog fires after exactly 1024 * limit cycles of the run, not a cycle earlier or later, and never with limit 0. The claim
// stands in squat_watchdog beside the counters it speaks of; here are reset and a limit that stays.
module watchdog_limit (
  input logic        clk_i,
  input logic        clear_i,
  input logic        run_i,
  input logic [31:0] limit_i
);
  logic        started_q = 1'b0, fire;
  logic [31:0] limit_q;
  squat_watchdog u_watchdog (.clk_i, .rst_ni(started_q), .clear_i, .run_i, .limit_i(limit_q), .fire_o(fire));

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!started_q) limit_q <= limit_i;
  end
endmodule
