// SPDX-License-Identifier: Apache-2.0
// One half (16 banks of bytes) of the activation memory: an array read port and a second port that reads or writes.
//
// Array read: all banks at one address, rotated so that byte r comes from bank (rot + r) % 16. Second port: a read of the same
// shape, or a write of up to 16 bytes, lane i to bank (rot + i) % 16 at addr + i. Latency of both reads: 2 cycles. Reads return
// the value before a write of the same cycle. Every request is executed: arbitration is outside.
// Parameter contract: Depth is a power of two, AddrW its logarithm. Banked = 1 builds the 16 true dual-port memories of the
// hardware, and b_data_i and b_mask_i come in the order of the banks; 0 keeps all banks of one address in one word, the same behaviour
// with a fraction of the work for a simulator, and they come in the order of the lanes.
module squat_asram_half #(
  parameter int unsigned Depth = 32768,
  parameter int unsigned AddrW = $clog2(Depth),
  parameter int unsigned Banked = 1
) (
  input  logic             clk_i,

  input  logic             a_en_i,
  input  logic [AddrW-1:0] a_addr_i,
  input  logic [3:0]       a_rot_i,
  output logic [127:0]     a_data_o,

  input  logic             b_rd_i,
  input  logic             b_wr_i,
  input  logic [AddrW-1:0] b_addr_i,
  input  logic [3:0]       b_rot_i,
  input  logic [127:0]     b_data_i,
  input  logic [15:0]      b_mask_i,
  output logic [127:0]     b_data_o
);
  // Both read ports: raw word with its rotation, then the rotated word.
  logic [127:0] a_raw_q, b_raw_q;
  logic [3:0]   a_rot_q, b_rot_q;
  logic         a_en_q, b_rd_q;

  always_ff @(posedge clk_i) begin
    a_en_q <= a_en_i;
    b_rd_q <= b_rd_i;
    if (a_en_i) a_rot_q <= a_rot_i;
    if (b_rd_i) b_rot_q <= b_rot_i;
  end

  if (Banked != 0) begin : gen_banks
    // Byte r is byte (rot + r) % 16 of v: two levels of multiplexers of four.
    function automatic logic [127:0] turned(input logic [127:0] v, input logic [3:0] rot);
      logic [127:0] by_four;
      by_four = rot[3] ? (rot[2] ? {v[95:0], v[127:96]} : {v[63:0], v[127:64]}) : rot[2] ? {v[31:0], v[127:32]} : v;
      turned  = rot[1] ? (rot[0] ? {by_four[23:0], by_four[127:24]} : {by_four[15:0], by_four[127:16]})
                       : rot[0] ? {by_four[7:0], by_four[127:8]} : by_four;
    endfunction
    always_ff @(posedge clk_i) begin
      if (a_en_q) a_data_o <= turned(a_raw_q, a_rot_q);
      if (b_rd_q) b_data_o <= turned(b_raw_q, b_rot_q);
    end

    for (genvar b = 0; b < 16; b = b + 1) begin : gen_bank
      (* ram_style = "ultra" *) logic [7:0] mem [0:Depth-1];
      logic [3:0]       lane;
      logic [AddrW-1:0] addr;
      assign lane = (b[3:0] - b_rot_i) & {4{b_wr_i}};  // of a write
      assign addr = b_addr_i + {{(AddrW - 4) {1'b0}}, lane};
      always_ff @(posedge clk_i) begin
        if (a_en_i) a_raw_q[8*b +: 8] <= mem[a_addr_i];
        // Read and write never come together, but one port for both is inferred only where that is visible.
        if (b_rd_i && !b_wr_i) b_raw_q[8*b +: 8] <= mem[addr];
        if (b_wr_i && b_mask_i[b]) mem[addr] <= b_data_i[8*b +: 8];
      end
    end
  end else begin : gen_words
    logic [63:0]  a_low, a_high, b_low, b_high;

    assign a_low  = a_rot_q[3] ? a_raw_q[127:64] : a_raw_q[63:0];
    assign a_high = a_rot_q[3] ? a_raw_q[63:0] : a_raw_q[127:64];
    assign b_low  = b_rot_q[3] ? b_raw_q[127:64] : b_raw_q[63:0];
    assign b_high = b_rot_q[3] ? b_raw_q[63:0] : b_raw_q[127:64];
    always_ff @(posedge clk_i) begin
      if (a_en_q) begin
        a_data_o[63:0]   <= (a_low >> {a_rot_q[2:0], 3'b000}) | (a_high << (7'd64 - {1'b0, a_rot_q[2:0], 3'b000}));
        a_data_o[127:64] <= (a_high >> {a_rot_q[2:0], 3'b000}) | (a_low << (7'd64 - {1'b0, a_rot_q[2:0], 3'b000}));
      end
      if (b_rd_q) begin
        b_data_o[63:0]   <= (b_low >> {b_rot_q[2:0], 3'b000}) | (b_high << (7'd64 - {1'b0, b_rot_q[2:0], 3'b000}));
        b_data_o[127:64] <= (b_high >> {b_rot_q[2:0], 3'b000}) | (b_low << (7'd64 - {1'b0, b_rot_q[2:0], 3'b000}));
      end
    end

    logic [127:0] mem [0:Depth-1];
    // Reads come before the writes in the same block, so blocking writes keep the old value visible to them.
    always @(posedge clk_i) begin
      if (a_en_i) a_raw_q <= mem[a_addr_i];
      if (b_rd_i) b_raw_q <= mem[b_addr_i];
      if (b_wr_i) begin
        for (int unsigned i = 0; i < 16; i = i + 1) begin
          if (b_mask_i[i]) mem[b_addr_i + AddrW'(i)][8*(b_rot_i + i[3:0]) +: 8] = b_data_i[8*i +: 8];
        end
      end
    end
  end

`ifndef SYNTHESIS
  initial assert (Depth == (1 << AddrW) && AddrW > 4) else $fatal(1, "squat_asram_half: Depth must be a power of two, at least 32");
  always_ff @(posedge clk_i) begin
    if (b_rd_i) assert (!b_wr_i) else $error("squat_asram_half: read and write at once");
  end
`endif
endmodule
