// SPDX-License-Identifier: Apache-2.0
// RoPE of one beat: 8 pairs of int16 (p1, p2) rotated by (cos, sin) and quantised to 16 codes (hls/rope.hpp, rope_pair).
//
// The buffer is read so that its data meets the pair: req_i comes Lead cycles before rope_en_o, whose data comes 2 cycles later, in
// the cycle of valid_i. Latency from valid_i: 3 cycles, a beat per cycle, no stall.
// Parameter contract: Lead at least 2.
module squat_post_rope #(
  parameter int unsigned Lead = 3
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         req_i,
  input  logic [9:0]   req_addr_i,
  output logic         rope_en_o,
  output logic [9:0]   rope_addr_o,
  input  logic [255:0] rope_data_i,

  input  logic         valid_i,
  input  logic         eight_i,
  input  logic [511:0] p_i,
  output logic         valid_o,
  output logic [127:0] codes_o
);
  logic [Lead-1:0]    req_q;
  logic [10*Lead-1:0] addr_q;
  always_ff @(posedge clk_i) begin
    addr_q <= {addr_q[10*(Lead-1)-1:0], req_addr_i};
    if (!rst_ni) req_q <= '0;
    else req_q <= {req_q[Lead-2:0], req_i};
  end
  assign rope_en_o   = req_q[Lead-1];
  assign rope_addr_o = addr_q[10*(Lead-1) +: 10];

  logic product_valid_q, product_eight_q, turned_valid_q, turned_eight_q;
  always_ff @(posedge clk_i) begin
    product_valid_q <= valid_i && rst_ni;
    turned_valid_q  <= product_valid_q && rst_ni;
    valid_o         <= turned_valid_q && rst_ni;
    product_eight_q <= eight_i;
    turned_eight_q  <= product_eight_q;
  end

  // 21 fraction bits above an 8-bit code, 24 above a 4-bit code. 8-bit codes are narrow: -127..127.
  logic signed [33:0] half;
  assign half = product_eight_q ? 34'sd1048576 : 34'sd8388608;

  function automatic [7:0] code(input logic signed [12:0] y, input logic eight);
    logic signed [9:0] four;
    begin
      four = y[12:3];
      if (eight) code = (y > 13'sd127) ? 8'h7f : (y < -13'sd127) ? 8'h81 : y[7:0];
      else code = (four > 10'sd7) ? 8'h38 : (four < -10'sd8) ? 8'hc0 : {four[4:0], 3'b000};
    end
  endfunction

  for (genvar i = 0; i < 8; i = i + 1) begin : gen_pair
    logic signed [15:0] p1, p2, cosine, sine;
    logic signed [31:0] p1_cos_q, p2_sin_q, p2_cos_q, p1_sin_q;
    logic signed [12:0] y1_q, y2_q;
    assign p1     = p_i[64*i +: 16];
    assign p2     = p_i[64*i+32 +: 16];
    assign cosine = rope_data_i[32*i +: 16];
    assign sine   = rope_data_i[32*i+16 +: 16];
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        p1_cos_q <= 32'(p1) * 32'(cosine);
        p2_sin_q <= 32'(p2) * 32'(sine);
        p2_cos_q <= 32'(p2) * 32'(cosine);
        p1_sin_q <= 32'(p1) * 32'(sine);
      end
      if (product_valid_q) begin
        y1_q <= 13'((34'(p1_cos_q) - 34'(p2_sin_q) + half) >>> 21);
        y2_q <= 13'((34'(p2_cos_q) + 34'(p1_sin_q) + half) >>> 21);
      end
      if (turned_valid_q) codes_o[16*i +: 16] <= {code(y2_q, turned_eight_q), code(y1_q, turned_eight_q)};
    end
  end

  // Values were clamped to 16 bits.
  logic unused_high;
  assign unused_high = ^p_i;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && valid_i) begin
      for (int unsigned i = 0; i < 16; i = i + 1) begin
        assert ($signed(p_i[32*i +: 32]) == 32'($signed(p_i[32*i +: 16]))) else $error("squat_post_rope: beyond 16 bits");
      end
    end
  end
`endif
endmodule
