// SPDX-License-Identifier: Apache-2.0
// Activation memory: int8 codes in 2 halves of 16 banks, diagonal addressing (docs/develop/accelerator.md, "Activation addressing").
//
// First port: the array reads one column of the 16 slots of an even and of an odd slot group in every cycle, never refused.
// Second port: one access per cycle, in this order of priority: write client 0 (post), the read client (io), write client 1 (vec).
// A write puts lane i into bank (rot + i) % 16 at addr + i; reads return byte r = slot row r. Latency of reads: 2 cycles.
// Reads return the value before a write of the same cycle.
// Parameter contract: Depth is a power of two, AddrW its logarithm. Banked: see squat_asram_half.
module squat_asram #(
  parameter int unsigned Depth = 32768,
  parameter int unsigned AddrW = $clog2(Depth),
`ifdef SYNTHESIS
  parameter int unsigned Banked = 1
`else
  parameter int unsigned Banked = 0
`endif
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               ard_en_i,
  input  logic [AddrW-1:0]   ard_addr_e_i,
  input  logic [AddrW-1:0]   ard_addr_o_i,
  input  logic [3:0]         ard_rot_i,
  output logic [127:0]       ard_e_o,
  output logic [127:0]       ard_o_o,

  input  logic [1:0]         wr_valid_i,
  input  logic [1:0]         wr_half_i,
  input  logic [2*AddrW-1:0] wr_addr_i,
  input  logic [2*4-1:0]     wr_rot_i,
  input  logic [2*128-1:0]   wr_data_i,
  input  logic [2*16-1:0]    wr_mask_i,
  output logic [1:0]         wr_ready_o,

  input  logic               rd_valid_i,
  input  logic               rd_half_i,
  input  logic [AddrW-1:0]   rd_addr_i,
  input  logic [3:0]         rd_rot_i,
  output logic               rd_ready_o,
  output logic               rd_rvalid_o,
  output logic [127:0]       rd_data_o
);
  assign wr_ready_o[0] = 1'b1;
  assign rd_ready_o    = !wr_valid_i[0];
  assign wr_ready_o[1] = !wr_valid_i[0] && !rd_valid_i;

  logic             rd_fire, wr_fire, b_half;
  logic [AddrW-1:0] b_addr;
  logic [3:0]       b_rot;
  logic [127:0]     b_data;
  logic [15:0]      b_mask;
  assign rd_fire = rd_valid_i && rd_ready_o;
  assign wr_fire = wr_valid_i[0] || (wr_valid_i[1] && wr_ready_o[1]);
  assign b_half  = wr_valid_i[0] ? wr_half_i[0] : rd_valid_i ? rd_half_i : wr_half_i[1];
  assign b_addr  = wr_valid_i[0] ? wr_addr_i[0 +: AddrW] : rd_valid_i ? rd_addr_i : wr_addr_i[AddrW +: AddrW];
  assign b_rot   = wr_valid_i[0] ? wr_rot_i[3:0] : rd_valid_i ? rd_rot_i : wr_rot_i[7:4];
  assign b_data  = wr_valid_i[0] ? wr_data_i[127:0] : wr_data_i[255:128];
  assign b_mask  = wr_valid_i[0] ? wr_mask_i[15:0] : wr_mask_i[31:16];

  // What squat_asram_half wants: the order of the banks, lane i in bank (rot + i) % 16, once for both halves.
  logic [127:0] half_data;
  logic [15:0]  half_mask;
  if (Banked != 0) begin : gen_banks
    logic [127:0] by_four;
    logic [15:0]  mask_by_four;
    assign by_four      = b_rot[3] ? (b_rot[2] ? {b_data[31:0], b_data[127:32]} : {b_data[63:0], b_data[127:64]})
                                   : b_rot[2] ? {b_data[95:0], b_data[127:96]} : b_data;
    assign mask_by_four = b_rot[3] ? (b_rot[2] ? {b_mask[3:0], b_mask[15:4]} : {b_mask[7:0], b_mask[15:8]})
                                   : b_rot[2] ? {b_mask[11:0], b_mask[15:12]} : b_mask;
    assign half_data    = b_rot[1] ? (b_rot[0] ? {by_four[103:0], by_four[127:104]} : {by_four[111:0], by_four[127:112]})
                                   : b_rot[0] ? {by_four[119:0], by_four[127:120]} : by_four;
    assign half_mask    = b_rot[1] ? (b_rot[0] ? {mask_by_four[12:0], mask_by_four[15:13]} : {mask_by_four[13:0], mask_by_four[15:14]})
                                   : b_rot[0] ? {mask_by_four[14:0], mask_by_four[15]} : mask_by_four;
  end else begin : gen_words
    assign half_data = b_data;
    assign half_mask = b_mask;
  end

  logic [127:0] rd_even, rd_odd;
  squat_asram_half #(.Depth(Depth), .AddrW(AddrW), .Banked(Banked)) u_even (
    .clk_i,
    .a_en_i(ard_en_i), .a_addr_i(ard_addr_e_i), .a_rot_i(ard_rot_i), .a_data_o(ard_e_o),
    .b_rd_i(rd_fire && !b_half), .b_wr_i(wr_fire && !b_half), .b_addr_i(b_addr), .b_rot_i(b_rot),
    .b_data_i(half_data), .b_mask_i(half_mask), .b_data_o(rd_even)
  );
  squat_asram_half #(.Depth(Depth), .AddrW(AddrW), .Banked(Banked)) u_odd (
    .clk_i,
    .a_en_i(ard_en_i), .a_addr_i(ard_addr_o_i), .a_rot_i(ard_rot_i), .a_data_o(ard_o_o),
    .b_rd_i(rd_fire && b_half), .b_wr_i(wr_fire && b_half), .b_addr_i(b_addr), .b_rot_i(b_rot),
    .b_data_i(half_data), .b_mask_i(half_mask), .b_data_o(rd_odd)
  );

  logic rd_valid_q, rd_half_q, rd_half_qq;
  always_ff @(posedge clk_i) begin
    rd_half_q  <= b_half;
    rd_half_qq <= rd_half_q;
    if (!rst_ni) begin
      rd_valid_q  <= 1'b0;
      rd_rvalid_o <= 1'b0;
    end else begin
      rd_valid_q  <= rd_fire;
      rd_rvalid_o <= rd_valid_q;
    end
  end
  assign rd_data_o = rd_half_qq ? rd_odd : rd_even;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && rd_fire) assert (!wr_fire) else $error("squat_asram: two accesses of the second port");
  end
`endif
endmodule
