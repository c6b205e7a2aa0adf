// SPDX-License-Identifier: Apache-2.0
// squat_clip_count adds, for every beat, the codes that the C++ leaf is_clipped takes for clipped; any use of clear and of gaps.
module hls_clipping (
  input logic        clk_i,
  input logic        clear_i,
  input logic        valid_i,
  input logic        eight_i,
  input logic [15:0] codes_i
);
  logic        started_q = 1'b0, low, high;
  logic [31:0] count, wanted_q;
  logic [1:0]  waiting_q;
  squat_clip_count #(.Lanes(2)) u_count (.clk_i, .rst_ni(started_q), .clear_i, .valid_i, .eight_i, .codes_i, .count_o(count));
  hls_is_clipped u_low (.code_i(codes_i[7:0]), .eight_i, .clipped_o(low));
  hls_is_clipped u_high (.code_i(codes_i[15:8]), .eight_i, .clipped_o(high));

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!started_q) begin
      wanted_q  <= '0;
      waiting_q <= '0;
    end else begin
      wanted_q  <= clear_i ? 32'd0 : wanted_q + 32'(waiting_q);
      waiting_q <= valid_i && !clear_i ? 2'(low) + 2'(high) : 2'd0;
    end
  end
  always_comb if (started_q) assert (count == wanted_q);
endmodule
