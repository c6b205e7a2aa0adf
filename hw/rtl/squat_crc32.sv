// SPDX-License-Identifier: Apache-2.0
// CRC-32 (IEEE 802.3: polynomial 0x04c11db7 reflected, initial value and final exclusive or all ones) of a run of beats of
// 16 bytes, or of Words times as many, byte 0 of a beat in bits 7:0.
//
// first_i starts a run with its beat. crc_o: the CRC of the run up to the beat taken in the cycle before; it counts in that cycle only.
// Latency: 1 cycle; a beat in every cycle. The register after a beat is a sum over GF(2) of the beat's bits and, added to its lowest 32,
// those of the register before it. Of a wide beat every 16 bytes are summed up by themselves, so that the register of either form lies
// behind the same levels of logic.
// Trees = 1 writes every bit as the parity of the bits that reach it (synthesis); 0 adds up the effects of the bytes from a table, which
// simulates about eight times as fast. tests/rtl/crc32.cmake checks both.
module squat_crc32 #(
  parameter int unsigned Words = 1,
`ifdef SYNTHESIS
  parameter int unsigned Trees = 1
`else
  parameter int unsigned Trees = 0
`endif
) (
  input  logic         clk_i,
  input  logic         valid_i,
  input  logic         first_i,
  input  logic [Words*128-1:0] data_i,
  output logic [31:0]  crc_o
);
  // Parameter contract
  // Words is at least 1.
  localparam logic [31:0] Polynomial = 32'hedb8_8320;

  logic [31:0] value_q, old, value_d;
  logic [Words*32-1:0] part_q;  // what each 16 bytes of a beat add
  logic        taken_q, first_q;

  assign old   = first_q ? '1 : value_q;
  assign crc_o = ~value_d;

  always_ff @(posedge clk_i) begin
    taken_q <= valid_i;
    if (valid_i) first_q <= first_i;
    if (taken_q) value_q <= value_d;
  end

  // Bits of a beat that reach bit `index` of the register after all have been shifted in, the lowest first.
  function automatic logic [Words*128-1:0] reach(input logic [4:0] index);
    logic [31:0] value;
    value = Polynomial;
    reach = '0;
    for (int i = Words * 128 - 1; i >= 0; i--) begin
      reach[i] = value[index];
      value    = value[0] ? (value >> 1) ^ Polynomial : value >> 1;
    end
  endfunction

  if (Trees != 0) begin : g_trees
    for (genvar i = 0; i < 32; i++) begin : g_bit
      localparam logic [Words*128-1:0] Reach = reach(i);
      logic [Words-1:0] parts;
      for (genvar w = 0; w < Words; w++) begin : g_word
        assign parts[w] = part_q[32*w+i];
        always_ff @(posedge clk_i) if (valid_i) part_q[32*w+i] <= ^(data_i[128*w +: 128] & Reach[128*w +: 128]);
      end
      assign value_d[i] = (^parts) ^ (^(old & Reach[31:0]));
    end
  end else begin : g_table
    // What a byte of a beat does to the register: 256 values for byte 0, 256 for byte 1, ...
    logic [31:0] effect [16*256];
    logic [31:0] sum;
    initial begin
      for (int v = 0; v < 256; v++) begin
        sum = 32'(v);
        for (int b = 15; b >= 0; b--) begin
          for (int i = 0; i < 8; i++) sum = sum[0] ? (sum >> 1) ^ Polynomial : sum >> 1;
          effect[256*b+v] = sum;
        end
      end
    end
    // Every 16 bytes as if nothing followed them; then the register through one after the other.
    for (genvar w = 0; w < Words; w++) begin : g_word
      logic [127:0] word;
      assign word = data_i[128*w +: 128];
      always_ff @(posedge clk_i) begin
        if (valid_i) begin
          part_q[32*w +: 32] <=
              effect[{4'd0, word[7:0]}] ^ effect[{4'd1, word[15:8]}] ^ effect[{4'd2, word[23:16]}] ^ effect[{4'd3, word[31:24]}] ^
              effect[{4'd4, word[39:32]}] ^ effect[{4'd5, word[47:40]}] ^ effect[{4'd6, word[55:48]}] ^ effect[{4'd7, word[63:56]}] ^
              effect[{4'd8, word[71:64]}] ^ effect[{4'd9, word[79:72]}] ^ effect[{4'd10, word[87:80]}] ^ effect[{4'd11, word[95:88]}] ^
              effect[{4'd12, word[103:96]}] ^ effect[{4'd13, word[111:104]}] ^ effect[{4'd14, word[119:112]}] ^
              effect[{4'd15, word[127:120]}];
        end
      end
    end
    always_comb begin
      value_d = old;
      for (int w = 0; w < Words; w++) begin
        value_d = part_q[32*w +: 32] ^ effect[{4'd0, value_d[7:0]}] ^ effect[{4'd1, value_d[15:8]}] ^ effect[{4'd2, value_d[23:16]}] ^
                  effect[{4'd3, value_d[31:24]}];
      end
    end
  end
endmodule
