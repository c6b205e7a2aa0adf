// SPDX-License-Identifier: Apache-2.0
// SiLU or GELU of 14-bit values with 6..9 fraction bits: max(g, 0) minus a bump, interpolated in a table with step 1/8 (hls/gated.hpp,
// silu and gelu); the two functions differ in the table only.
//
// Latency: 4 cycles, a beat per cycle, no stall. frac_i and gelu_i stay constant while beats are inside.
// Parameter contract: Lanes at least 1.
module squat_post_gate #(
  parameter int unsigned Lanes = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                gelu_i,
  input  logic [3:0]          frac_i,
  input  logic                valid_i,
  input  logic [14*Lanes-1:0] g_i,
  output logic                valid_o,
  output logic [14*Lanes-1:0] gate_o
);
  logic index_valid_q, entry_valid_q, bump_valid_q;
  always_ff @(posedge clk_i) begin
    index_valid_q <= valid_i && rst_ni;
    entry_valid_q <= index_valid_q && rst_ni;
    bump_valid_q  <= entry_valid_q && rst_ni;
    valid_o       <= bump_valid_q && rst_ni;
  end

  // n = frac - 3 bits inside a table step; the bump has 14 - frac bits more than the result.
  logic [2:0]  n;
  logic [3:0]  extra;
  logic [5:0]  low_mask;
  logic [6:0]  n_half;
  logic [7:0]  extra_half;
  assign n          = frac_i[2:0] - 3'd3;
  assign extra      = 4'd14 - frac_i;
  assign low_mask   = 6'((7'd1 << n) - 7'd1);
  assign n_half     = (7'd1 << n) >> 1;
  assign extra_half = 8'((9'd1 << extra) >> 1);

  // Step 127 of both tables is 0: it stands for everything at or beyond 16.0.
  if (squat_spec_pkg::SiluBump[13*127 +: 26] != '0 || squat_spec_pkg::GeluBump[13*127 +: 26] != '0) begin : g_bad_table
    $error("squat_post_gate: the bumps do not end before 15.875");
  end

  function automatic [10:0] table_step(input logic [13:0] g, input logic [2:0] shift);
    table_step = 11'((g[13] ? 14'd0 - g : g) >> shift);
  endfunction

  for (genvar i = 0; i < Lanes; i = i + 1) begin : gen_lane
    logic [6:0]         index_q;
    logic [5:0]         index_low_q, entry_low_q;
    logic [12:0]        index_pos_q, entry_pos_q, bump_pos_q;  // max(g, 0)
    logic [12:0]        first_q;
    logic signed [10:0] slope_q;
    logic [13:0]        bump_q;
    logic [3:0]         beyond;
    logic [6:0]         index;
    assign {beyond, index} = table_step(g_i[14*i +: 14], n);

    // {entry, slope to the next}: a block memory with SiLU in the lower half, GELU in the upper one.
    (* rom_style = "block" *) logic [23:0] entries [0:255];
    initial begin
      for (int j = 0; j < 128; j++) begin
        entries[j]       = {squat_spec_pkg::SiluBump[13*j +: 13], 11'(squat_spec_pkg::SiluBump[13*j+13 +: 13] - squat_spec_pkg::SiluBump[13*j +: 13])};
        entries[128 + j] = {squat_spec_pkg::GeluBump[13*j +: 13], 11'(squat_spec_pkg::GeluBump[13*j+13 +: 13] - squat_spec_pkg::GeluBump[13*j +: 13])};
      end
    end
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        index_q     <= index | {7{beyond != '0}};
        index_low_q <= (g_i[14*i+13] ? 6'd0 - g_i[14*i +: 6] : g_i[14*i +: 6]) & low_mask;
        index_pos_q <= g_i[14*i+13] ? 13'd0 : g_i[14*i +: 13];
      end
      if (index_valid_q) begin
        {first_q, slope_q} <= entries[{gelu_i, index_q}];
        entry_low_q        <= index_low_q;
        entry_pos_q        <= index_pos_q;
      end
      if (entry_valid_q) begin
        bump_q     <= {1'b0, first_q} + 14'((18'(slope_q) * 18'($signed({1'b0, entry_low_q})) + $signed({11'd0, n_half})) >>> n);
        bump_pos_q <= entry_pos_q;
      end
      if (bump_valid_q) gate_o[14*i +: 14] <= {1'b0, bump_pos_q} - ((bump_q + {6'd0, extra_half}) >> extra);
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) assert (frac_i >= 4'd6 && frac_i <= 4'd9) else $error("squat_post_gate: frac");
  end
`endif
endmodule
