// SPDX-License-Identifier: Apache-2.0
// squat_accumulator splits as the C++ leaf and adds the fields to the accumulators of its bank and row, and to no others.
module hls_splitting #(
  parameter logic [1:0] Mode = 2'd0,
  parameter logic Pair = 1'b0  // the accumulators that are looked at: of the first or the second activation
) (
  input logic        clk_i,
  input logic        en_i,
  input logic        overwrite_i,
  input logic        bank_i,
  input logic        row_i,
  input logic        look_bank_i,
  input logic        look_row_i,
  input logic [47:0] sum_i
);
  logic signed [31:0] w0a0, w1a0, w0a1, w1a1;
  logic [63:0]        read, old, added, wanted_q;
  logic               look_bank_q, look_row_q, started_q = 1'b0;
  squat_accumulator #(.Depth(2)) u_accumulator (
    .clk_i, .en_i, .overwrite_i, .mode_i(Mode), .bank_i, .row_i, .sum_i, .rd_bank_i(look_bank_q), .rd_row_i(look_row_q), .rd_pair_i(Pair),
    .rd_data_o(read));
  hls_split u_leaf (.mode_i(Mode), .p_i(sum_i), .w0a0_o(w0a0), .w1a0_o(w1a0), .w0a1_o(w0a1), .w1a1_o(w1a1));

  assign old   = overwrite_i ? 64'd0 : read;
  assign added = Pair ? {old[63:32] + w1a1, old[31:0] + w0a1} : {old[63:32] + w1a0, old[31:0] + w0a0};

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!started_q) {look_bank_q, look_row_q} <= {look_bank_i, look_row_i};
    wanted_q <= en_i && bank_i == look_bank_q && row_i == look_row_q && (!Pair || Mode == 2'd1) ? added : read;
  end
  logic known_q = 1'b0;
  always_ff @(posedge clk_i) known_q <= started_q;
  always_comb if (known_q) assert (read == wanted_q);
endmodule
