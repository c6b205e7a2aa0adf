// SPDX-License-Identifier: Apache-2.0
// Weight ring behind 512-bit ports: as squat_weight_ring, but a write fills a row of four 16-byte words, and a read takes one. A row holds four
// columns of a tile's slice, with rd_w8_i two, so a bank serves four blocks (two) in turn, and banded reads take tiles for all of them.
//
// Block j works j cycles behind block 0 and reads its row j cycles after it, into a register of its own that it shifts on from column to
// column. With rd_w8_i a row lasts two cycles: banded two blocks read, else blocks 2 and 3 read with blocks 0 and 1, from the banks that these
// leave free, and keep the row for two cycles. So all reads of a pass are over with its last step, whatever follows it.
// Tile j's column is rd_words_i words behind tile 0's in every bank (rd_words3_i: three times that); its slice, when not banded, lies in bank
// rd_bank_i + j.
// Latency: block j's lanes in rd_data_o 2 + j cycles after rd_en_i: lane b of a block {second word, first word} of bank b when banded, else
// lane 0 of the bank with its slice. Handshakes: those of squat_weight_ring; words and offsets of tiles are multiples of a row.
module squat_row_ring #(
  parameter int unsigned Banks = 4,
  parameter int unsigned Blocks = 4,
  parameter int unsigned Depth = 2048,
  parameter int unsigned AddrW = $clog2(Depth),
  parameter int unsigned CountW = AddrW + 3
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  output logic [Banks*(AddrW+1)-1:0]   free_o,
  input  logic [Banks-1:0]             reserve_i,
  input  logic [Banks*7-1:0]           reserve_beats_i,
  input  logic [Banks-1:0]             wr_valid_i,
  input  logic [Banks*512-1:0]         wr_data_i,
  input  logic [CountW-1:0]            need_i,
  output logic                         ready_o,
  input  logic                         rd_en_i,
  input  logic                         rd_banded_i,
  input  logic [$clog2(Banks)-1:0]     rd_bank_i,
  input  logic                         rd_w8_i,
  input  logic [CountW-2:0]            rd_offset_i,
  input  logic [1:0]                   rd_wide_i,
  input  logic [CountW-2:0]            rd_words_i,
  input  logic [CountW-2:0]            rd_words3_i,
  input  logic                         pop_i,
  input  logic [CountW-1:0]            pop_words_i,
  output logic [Blocks*Banks*256-1:0]  rd_data_o
);
  // Parameter contract
  // Depth, in rows: that of squat_ring_fill. Banks is 4. Blocks is 1..4. rd_bank_i is 0 when banded; with rd_w8_i too rd_wide_i is 0 or 1.
  if (Banks != 4 || Blocks < 1 || Blocks > 4) begin : g_bad_parameters
    $error("squat_row_ring: Banks must be 4, Blocks 1..4");
  end

  // A step on its way from block to block: stage j is block j's, stages 0 to Blocks one cycle apart.
  localparam int unsigned Words3Lsb = 0;
  localparam int unsigned WordsLsb = AddrW;  // all three in rows
  localparam int unsigned RowLsb = 2 * AddrW;
  localparam int unsigned BankLsb = 3 * AddrW;
  localparam int unsigned WideLsb = BankLsb + 2;
  localparam int unsigned W8Bit = WideLsb + 2;
  localparam int unsigned BandedBit = W8Bit + 1;
  localparam int unsigned ReadBit = BandedBit + 1;  // the first column of a row
  localparam int unsigned StepBit = ReadBit + 1;
  localparam int unsigned StepW = StepBit + 1;

  logic [AddrW-1:0]              rd_ptr_q;
  logic [Blocks*StepW-1:0]       later_q;
  logic [(Blocks+1)*StepW-1:0]   stages;
  logic                          row_start;
  logic [Banks-1:0]              has_tile;
  logic [511:0]                  row [Banks];
  logic [Blocks-1:0]             hit, hit_banded;
  logic [Blocks*2-1:0]           hit_bank;
  logic [Blocks*AddrW-1:0]       hit_row;
  logic                          unused_ok;

  assign row_start = rd_w8_i ? !rd_offset_i[0] : rd_offset_i[1:0] == 2'd0;
  assign stages    = {later_q, rd_en_i, rd_en_i && row_start, rd_banded_i, rd_w8_i, rd_wide_i, rd_bank_i,
                      rd_ptr_q + (rd_w8_i ? rd_offset_i[AddrW:1] : rd_offset_i[AddrW+1:2]), rd_words_i[AddrW+1:2], rd_words3_i[AddrW+1:2]};
  assign ready_o   = &has_tile;
  assign unused_ok = ^{rd_words_i[1:0], rd_words3_i[1:0], need_i[1:0], pop_words_i[1:0], stages};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_ptr_q <= '0;
      later_q  <= '0;
    end else begin
      if (pop_i) rd_ptr_q <= rd_ptr_q + pop_words_i[AddrW+1:2];
      later_q <= stages[Blocks*StepW-1:0];
    end
  end

  // ---- reads of the blocks: at their own stage, or two stages earlier
  for (genvar j = 0; j < Blocks; j++) begin : g_read
    localparam int unsigned AheadStage = j < 2 ? 0 : j - 2;
    logic [StepW-1:0] own, ahead, taken;
    logic             read_own, read_ahead;

    assign own   = stages[j*StepW +: StepW];
    assign ahead = stages[AheadStage*StepW +: StepW];
    if (j < 2) begin : g_own
      assign read_ahead = 1'b0;
      assign read_own   = own[ReadBit] && (j == 0 || own[WideLsb +: 2] >= 2'(j));
    end else begin : g_ahead
      assign read_ahead = ahead[ReadBit] && ahead[W8Bit] && !ahead[BandedBit] && ahead[WideLsb +: 2] >= 2'(j);
      assign read_own   = own[ReadBit] && !(own[W8Bit] && !own[BandedBit]) && own[WideLsb +: 2] >= 2'(j);
    end
    assign hit[j]                  = read_own || read_ahead;
    assign taken                   = read_ahead ? ahead : own;
    assign hit_banded[j]           = taken[BandedBit];
    assign hit_bank[2*j +: 2]      = taken[BankLsb +: 2] + 2'(j);
    assign hit_row[j*AddrW +: AddrW] = taken[RowLsb +: AddrW] + (j == 0   ? '0
                                                                 : j == 1 ? taken[WordsLsb +: AddrW]
                                                                 : j == 2 ? {taken[WordsLsb +: AddrW-1], 1'b0}
                                                                          : taken[Words3Lsb +: AddrW]);
`ifdef VERILATOR
    assert property (@(posedge clk_i) disable iff (!rst_ni) !(read_own && read_ahead));
`endif
  end

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic [AddrW-1:0]  wr_ptr, rd_row;
    logic [AddrW:0]    level;
    logic [Blocks-1:0] reads;

    assign has_tile[b] = level >= need_i[CountW-1:2];

    squat_ring_fill #(
      .Depth(Depth)
    ) u_fill (
      .clk_i,
      .rst_ni,
      .reserve_i(reserve_i[b]),
      .reserve_count_i(reserve_beats_i[b*7 +: 7]),
      .wr_valid_i(wr_valid_i[b]),
      .pop_i,
      .pop_count_i(pop_words_i[CountW-1:2]),
      .wr_ptr_o(wr_ptr),
      .level_o(level),
      .free_o(free_o[b*(AddrW+1) +: AddrW+1])
    );

    // At most one block reads a bank in a cycle.
    always_comb begin
      rd_row = '0;
      for (int j = 0; j < Blocks; j++) begin
        reads[j] = hit[j] && (hit_banded[j] || hit_bank[2*j +: 2] == 2'(b));
        if (reads[j]) rd_row = rd_row | hit_row[j*AddrW +: AddrW];
      end
    end

    squat_row_bank #(
      .Depth(Depth)
    ) u_bank (
      .clk_i,
      .wr_en_i(wr_valid_i[b]),
      .wr_addr_i(wr_ptr),
      .wr_data_i(wr_data_i[b*512 +: 512]),
      .rd_en_i(|reads),
      .rd_addr_i(rd_row),
      .row_o(row[b])
    );

`ifdef VERILATOR
    assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(reads));
`endif
  end

  // ---- the blocks' registers, one cycle behind the read
  for (genvar j = 0; j < Blocks; j++) begin : g_block
    logic [StepW-1:0] step;
    logic             taken;
    logic [1:0]       source;
    logic [511:0]     slice;  // the row of lane 0 when not banded

    assign step   = stages[(j+1)*StepW +: StepW];
    assign taken  = step[StepBit] && (j == 0 || step[WideLsb +: 2] >= 2'(j));
    assign source = step[BankLsb +: 2] + 2'(j);

    if (j < 2) begin : g_own
      assign slice = row[source];
    end else begin : g_ahead
      // Read with the block two before: its row waits here until that stage comes.
      logic [StepW-1:0] ahead;
      logic [1:0]       ahead_source;
      logic [511:0]     ahead_q;
      assign ahead        = stages[(j-1)*StepW +: StepW];
      assign ahead_source = ahead[BankLsb +: 2] + 2'(j);
      always_ff @(posedge clk_i) begin
        if (ahead[ReadBit] && ahead[W8Bit] && !ahead[BandedBit] && ahead[WideLsb +: 2] >= 2'(j)) ahead_q <= row[ahead_source];
      end
      assign slice = step[W8Bit] ? ahead_q : row[source];
    end

    for (genvar b = 0; b < Banks; b++) begin : g_lane
      logic [511:0] held_q;

      assign rd_data_o[(j*Banks+b)*256 +: 256] = held_q[255:0];

      always_ff @(posedge clk_i) begin
        if (taken && (b == 0 || step[BandedBit])) begin
          if (!step[ReadBit]) held_q <= step[W8Bit] ? {256'd0, held_q[511:256]} : {128'd0, held_q[511:128]};
          else if (b == 0 && !step[BandedBit]) held_q <= slice;
          else held_q <= row[b];
        end
      end
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i |-> ready_o && need_i[1:0] == 2'd0 && rd_words_i[1:0] == 2'd0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i && rd_banded_i |-> rd_bank_i == '0 && (!rd_w8_i || rd_wide_i < 2'd2));
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i |-> 32'(rd_wide_i) < Blocks);
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_i |-> pop_words_i[1:0] == 2'd0);
`endif
endmodule
