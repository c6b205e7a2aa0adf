// SPDX-License-Identifier: Apache-2.0
// Sums of at most Steps packed products, split by squat_accumulator, are the plain sums of the products: any number of blocks, any
// order of modes. The packed product is the weighted sum of its products (pack_w4, pack_w8), so here products are free
// numbers within their range. The array extracts after 8 steps; Steps = the largest exact length shows how far that is from the
// limit.
//   Mode 0: |t| <= 7*128;  1: |t| <= 7*8;  2: |t| <= 127*128;  3: |t| <= 127*255.
module sum_extract #(
  parameter logic [1:0] Mode = 2'd0,
  parameter int unsigned Steps = 8
) (
  input logic               clk_i,
  input logic               last_i,       // the block may end here
  input logic               overwrite_i,
  input logic signed [15:0] t0_i, t1_i, t2_i, t3_i  // w0*a0, w1*a0, w0*a1, w1*a1
);
  localparam int Limit = Mode == 2'd0 ? 7 * 128 : Mode == 2'd1 ? 7 * 8 : Mode == 2'd2 ? 127 * 128 : 127 * 255;
  localparam int Shift = Mode[1] ? 19 : 22;
  localparam int unsigned SumW = $clog2(Steps * Limit + 1) + 1;  // of a plain sum

  logic               seen_q = 1'b0;
  logic [15:0]        steps_q = '0;
  logic signed [47:0] p_q = '0;                                        // packed sum of the block
  logic signed [SumW-1:0] s0_q = '0, s1_q = '0, s2_q = '0, s3_q = '0;  // its plain sums
  logic [31:0]        a0_q, a1_q, a2_q, a3_q;                                // plain accumulators
  logic signed [47:0] t0, t1, t2, t3, p;
  logic signed [SumW-1:0] s0, s1, s2, s3;
  logic               end_block;
  logic [63:0]        first, second;

  assign {t0, t1} = {48'(t0_i), 48'(t1_i)};
  assign {t2, t3} = Mode == 2'd1 ? {48'(t2_i), 48'(t3_i)} : 96'd0;
  assign p  = p_q + t0 + (t1 <<< Shift) + (t2 <<< 11) + (t3 <<< 33);
  assign s0 = s0_q + SumW'(t0);
  assign s1 = s1_q + SumW'(t1);
  assign s2 = s2_q + SumW'(t2);
  assign s3 = s3_q + SumW'(t3);
  assign end_block = last_i || steps_q == 16'(Steps - 1);

  squat_accumulator #(.Depth(2)) u_first (
    .clk_i, .en_i(end_block), .overwrite_i(overwrite_i || !seen_q), .mode_i(Mode), .bank_i(1'b0), .row_i(1'b0), .sum_i(p),
    .rd_bank_i(1'b0), .rd_row_i(1'b0), .rd_pair_i(1'b0), .rd_data_o(first));
  squat_accumulator #(.Depth(2)) u_second (
    .clk_i, .en_i(end_block), .overwrite_i(overwrite_i || !seen_q), .mode_i(Mode), .bank_i(1'b0), .row_i(1'b0), .sum_i(p),
    .rd_bank_i(1'b0), .rd_row_i(1'b0), .rd_pair_i(1'b1), .rd_data_o(second));

  always_ff @(posedge clk_i) begin
    steps_q <= end_block ? 16'd0 : steps_q + 16'd1;
    p_q     <= end_block ? 48'sd0 : p;
    s0_q    <= end_block ? SumW'(0) : s0;
    s1_q    <= end_block ? SumW'(0) : s1;
    s2_q    <= end_block ? SumW'(0) : s2;
    s3_q    <= end_block ? SumW'(0) : s3;
    if (end_block) begin
      seen_q <= 1'b1;
      a0_q   <= (overwrite_i || !seen_q ? 32'd0 : a0_q) + 32'(s0);
      a1_q   <= (overwrite_i || !seen_q ? 32'd0 : a1_q) + 32'(s1);
      a2_q   <= (overwrite_i || !seen_q ? 32'd0 : a2_q) + 32'(s2);
      a3_q   <= (overwrite_i || !seen_q ? 32'd0 : a3_q) + 32'(s3);
    end
  end

  logic signed [SumW-1:0] bound;
  assign bound = SumW'(32'(steps_q) * Limit);
  always_comb begin
    assume (t0_i >= -Limit && t0_i <= Limit && t1_i >= -Limit && t1_i <= Limit);
    assume (t2_i >= -Limit && t2_i <= Limit && t3_i >= -Limit && t3_i <= Limit);
    // Invariants, for the induction.
    assert (steps_q < 16'(Steps));
    assert (p_q == 48'(s0_q) + (48'(s1_q) <<< Shift) + (48'(s2_q) <<< 11) + (48'(s3_q) <<< 33));
    assert (s0_q <= bound && s0_q >= -bound && s1_q <= bound && s1_q >= -bound);
    assert (s2_q <= bound && s2_q >= -bound && s3_q <= bound && s3_q >= -bound);
    if (Mode != 2'd1) assert (s2_q == 0 && s3_q == 0);
    // The claim.
    if (seen_q) assert (first == {a1_q, a0_q});
    if (seen_q && Mode == 2'd1) assert (second == {a3_q, a2_q});
  end
endmodule
