// SPDX-License-Identifier: Apache-2.0
// One of the 16 lanes of squat_norm_lanes: stages, enables and arithmetic as described there.
module squat_norm_lane #(
  // Parameter contract: Depth a power of two (words of the buffer).
  parameter int unsigned Depth = 256,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  // Input side.
  input  logic [1:0]       en_in_i,
  input  logic [31:0]      x_i,
  input  logic [31:0]      mean_i,
  input  logic [4:0]       d_i,
  input  logic [32:0]      input_mask_i, // bit i for i >= d + 15
  input  logic [AddrW-1:0] xs_wr_addr_i,
  output logic [29:0]      square_o,
  // Output side.
  input  logic             xs_rd_en_i,
  input  logic [AddrW-1:0] xs_rd_addr_i,
  input  logic [3:0]       en_out_i,
  input  logic [17:0]      r_i,
  input  logic [4:0]       km1_i,
  input  logic             centred_i,
  input  logic [17:0]      gain_i,
  input  logic [23:0]      beta_i,
  input  logic [5:0]       shift_i,
  input  logic [43:0]      code_mask_i,  // bit i for i >= shift + 16
  input  logic             eight3_i,
  input  logic             eight4_i,
  output logic [7:0]       code_o
);
  // Shifts keep the bits that reach the result and go by 16s first. Whether a value fits is seen before its shift: the bits beyond the
  // largest result (mask) must equal its sign.
  function automatic logic [15:0] shifted_input(input logic [31:0] x, input logic [31:0] mean, input logic [4:0] d, input logic [32:0] mask);
    logic [32:0] centred;
    logic [31:0] by_four;
    logic [19:0] by_one;
    logic [16:0] twice;
    logic [15:0] rounded;
    centred = {x[31], x} - {mean[31], mean};
    by_four = d[4] ? {{14{centred[32]}}, centred[32:15]} : {centred[30:0], 1'b0};
    by_one  = 20'(by_four >> {d[3:2], 2'd0});
    twice   = 17'(by_one >> d[1:0]);  // 2 * centred >> d
    rounded = twice[16:1] + {15'd0, twice[0]};
    if (((centred ^ {33{centred[32]}}) & mask) != '0 || (!centred[32] && rounded[15])) shifted_input = {centred[32], {14{!centred[32]}}, 1'b1};
    else shifted_input = {rounded[15:1], rounded[0] || (centred[32] && rounded[15:1] == 15'h4000)};  // never -32768
  endfunction

  function automatic logic signed [25:0] normalised(input logic signed [33:0] product, input logic [4:0] km1);
    logic [41:0] by_four;
    logic [29:0] by_one;
    logic [26:0] half;
    by_four    = km1[4] ? {{16{product[33]}}, product[33:8]} : {product, 8'd0};
    by_one     = 30'(by_four >> {km1[3:2], 2'd0});
    half       = 27'(by_one >> km1[1:0]);
    normalised = half[26:1] + {25'd0, half[0]};
  endfunction

  // scaled * 2^(8 - shift), cut, plus beta with half a unit of the result. |beta_half| < 2^23 + 2^11: beyond 2^24 the cut decides alone.
  function automatic logic [7:0] code(input logic signed [43:0] scaled, input logic [5:0] shift, input logic [43:0] mask,
                                      input logic signed [24:0] beta_half, input logic eight);
    logic [39:0]        by_four;
    logic [27:0]        by_one;
    logic [24:0]        cut;
    logic [17:0]        sum;  // in codes of 8 bit
    logic               over, negative, outside;
    by_four  = 40'($signed({{12{scaled[43]}}, scaled, 8'd0}) >>> {shift[5:4], 4'd0});
    by_one   = 28'(by_four >> {shift[3:2], 2'd0});
    cut      = 25'(by_one >> shift[1:0]);
    sum      = 18'((26'($signed(cut)) + 26'(beta_half)) >> 8);
    over     = ((scaled ^ {44{scaled[43]}}) & mask) != '0;
    negative = over ? scaled[43] : sum[17];
    outside  = over || sum[16:7] != {10{sum[17]}} || (!eight && sum[6] != sum[17]);
    code     = outside ? {negative, eight ^ negative, {3{!negative}}, {3{eight && !negative}}} : {sum[7:3], sum[2:0] & {3{eight}}};
  endfunction

  logic signed [15:0] xs_q;
  logic [15:0]        xs_line;
  logic signed [33:0] product_q;
  logic signed [25:0] unit_q;
  logic signed [17:0] gain_q;
  logic signed [23:0] beta_q;
  logic signed [24:0] beta_half_q;
  logic signed [43:0] scaled_q;

  squat_line_buffer #(.Width(16), .Depth(Depth)) u_xs (
    .clk_i, .wr_en_i(en_in_i[1]), .wr_addr_i(xs_wr_addr_i), .wr_data_i(xs_q), .rd_en_i(xs_rd_en_i),
    .rd_addr_i(xs_rd_addr_i), .rd_data_o(xs_line));

  always_ff @(posedge clk_i) begin
    if (en_in_i[0]) xs_q     <= shifted_input(x_i, mean_i, d_i, input_mask_i);
    if (en_in_i[1]) square_o <= 30'(32'(xs_q) * 32'(xs_q));
    if (en_out_i[0]) product_q <= 34'($signed(xs_line)) * $signed({16'd0, r_i});
    if (en_out_i[1]) begin
      unit_q <= normalised(product_q, km1_i);
      gain_q <= gain_i;
      beta_q <= centred_i ? beta_i : 24'd0;
    end
    if (en_out_i[2]) begin
      scaled_q    <= 44'(unit_q) * 44'(gain_q);
      beta_half_q <= 25'(beta_q) + (eight3_i ? 25'sd128 : 25'sd1024);
    end
    if (en_out_i[3]) code_o <= code(scaled_q, shift_i, code_mask_i, beta_half_q, eight4_i);
  end
endmodule
