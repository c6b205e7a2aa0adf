// SPDX-License-Identifier: Apache-2.0
// How full a bank of the weight ring is, in places of one write each: where the next write goes, how many are filled (level_o), and how many
// are neither filled nor reserved (free_o).
// Latency: 1 cycle. reserve_i takes reserve_count_i places, wr_valid_i fills one of them, pop_i frees pop_count_i filled ones.
module squat_ring_fill #(
  parameter int unsigned Depth = 2048,
  parameter int unsigned CountW = $clog2(Depth) + 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              reserve_i,
  input  logic [6:0]        reserve_count_i,
  input  logic              wr_valid_i,
  input  logic              pop_i,
  input  logic [CountW-1:0] pop_count_i,
  output logic [CountW-2:0] wr_ptr_o,
  output logic [CountW-1:0] level_o,
  output logic [CountW-1:0] free_o
);
  // Parameter contract
  // Depth is a power of two, at least 64 (a burst must fit); CountW is its logarithm and one.
  if (Depth < 64 || Depth != (1 << (CountW - 1))) begin : g_bad_parameters
    $error("squat_ring_fill: Depth must be a power of two >= 64");
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_ptr_o <= '0;
      level_o  <= '0;
      free_o   <= CountW'(Depth);
    end else begin
      if (wr_valid_i) wr_ptr_o <= wr_ptr_o + 1'b1;
      level_o <= level_o + CountW'(wr_valid_i) - (pop_i ? pop_count_i : '0);
      free_o  <= free_o - (reserve_i ? CountW'(reserve_count_i) : '0) + (pop_i ? pop_count_i : '0);
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_i |-> level_o >= pop_count_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni) reserve_i |-> free_o >= CountW'(reserve_count_i));
  assert property (@(posedge clk_i) disable iff (!rst_ni) wr_valid_i |-> level_o + free_o < CountW'(Depth));
`endif
endmodule
