// SPDX-License-Identifier: Apache-2.0
// Weight ring behind 128-bit ports: one circular buffer per read port, filled by the loader, read tile by tile by the sequencer.
//
// Loader side: free_o[b] words of bank b are neither filled nor reserved; reserve_i takes reserve_words_i of them before a burst is issued,
// so that its beats (wr_valid_i) always fit. Sequencer side: ready_o says that every bank holds need_i words, the next tile;
// rd_offset_i counts columns of that tile: one word each, or with rd_w8_i two. pop_i drops pop_words_i words of every bank, in the cycle
// of the last read of what it drops or later.
// Wide reads take the same column of rd_wide_i + 1 tiles that follow each other, rd_words_i words each (rd_words3_i: three times that): the
// loader put the slice of tile j that lies in bank rd_bank_i for tile 0 into bank rd_bank_i + j.
// Latency: rd_data_o 2 cycles after rd_en_i, per lane {second word, first word}. Banded: lane b shows bank b; else lane j shows tile j.
module squat_weight_ring #(
  parameter int unsigned Banks = 4,
  parameter int unsigned Blocks = 1,
  parameter int unsigned Depth = 2048,
  parameter int unsigned CountW = $clog2(Depth) + 1
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  output logic [Banks*CountW-1:0]  free_o,
  input  logic [Banks-1:0]         reserve_i,
  input  logic [Banks*7-1:0]       reserve_beats_i,
  input  logic [Banks-1:0]         wr_valid_i,
  input  logic [Banks*128-1:0]     wr_data_i,
  input  logic [CountW-1:0]        need_i,
  output logic                     ready_o,
  input  logic                     rd_en_i,
  input  logic                     rd_banded_i,
  input  logic [$clog2(Banks)-1:0] rd_bank_i,
  input  logic                     rd_w8_i,
  input  logic [CountW-2:0]        rd_offset_i,
  input  logic [1:0]               rd_wide_i,
  input  logic [CountW-2:0]        rd_words_i,
  input  logic [CountW-2:0]        rd_words3_i,
  input  logic                     pop_i,
  input  logic [CountW-1:0]        pop_words_i,
  output logic [Banks*256-1:0]     rd_data_o
);
  // Parameter contract
  // Depth is a power of two, at least 64 (a burst must fit). Banks is 4. Blocks is 1..4; with 1 there are no wide reads. rd_bank_i is 0
  // when banded.
  localparam int unsigned AddrW = CountW - 1;
  if (Depth < 64 || Depth != (1 << AddrW) || Banks != 4 || Blocks < 1 || Blocks > 4) begin : g_bad_parameters
    $error("squat_weight_ring: Depth must be a power of two >= 64, Banks 4, Blocks 1..4");
  end

  logic [AddrW-1:0]         rd_ptr_q, column;
  logic [Banks-1:0]         has_tile;
  logic [Banks-1:0]         rd_bank;
  logic                     rd_q, rd_banded_q;
  logic [$clog2(Banks)-1:0] rd_bank_q;
  logic [1:0]               rd_wide_q;
  logic [255:0]             word [Banks];

  assign column  = rd_w8_i ? {rd_offset_i[AddrW-2:0], 1'b0} : rd_offset_i;
  assign ready_o = &has_tile;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_ptr_q <= '0;
      rd_q     <= 1'b0;
    end else begin
      if (pop_i) rd_ptr_q <= rd_ptr_q + pop_words_i[AddrW-1:0];
      rd_q <= rd_en_i;
    end
    rd_banded_q <= rd_banded_i;
    rd_bank_q   <= rd_bank_i;
    rd_wide_q   <= rd_wide_i;
  end

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic [AddrW-1:0]  wr_ptr, skip;
    logic [CountW-1:0] level;
    logic [127:0]      low, high;
    logic [1:0]        tile;  // the one that reads this bank

    assign has_tile[b]                = level >= need_i;
    assign tile                       = 2'(b) - rd_bank_i;
    assign rd_bank[b]                 = rd_en_i && (rd_banded_i || tile == 2'd0 || (Blocks > 1 && tile <= rd_wide_i));
    assign skip                       = Blocks == 1 || rd_banded_i ? '0 : tile[1] ? (tile[0] ? rd_words3_i : {rd_words_i[AddrW-2:0], 1'b0})
                                                                       : tile[0] ? rd_words_i : '0;
    assign word[b]                    = {high, low};

    squat_ring_fill #(
      .Depth(Depth)
    ) u_fill (
      .clk_i,
      .rst_ni,
      .reserve_i(reserve_i[b]),
      .reserve_count_i(reserve_beats_i[b*7 +: 7]),
      .wr_valid_i(wr_valid_i[b]),
      .pop_i,
      .pop_count_i(pop_words_i),
      .wr_ptr_o(wr_ptr),
      .level_o(level),
      .free_o(free_o[b*CountW +: CountW])
    );

    squat_ring_bank #(
      .Depth(Depth)
    ) u_bank (
      .clk_i,
      .wr_en_i(wr_valid_i[b]),
      .wr_addr_i(wr_ptr),
      .wr_data_i(wr_data_i[b*128 +: 128]),
      .rd_en_i(rd_bank[b]),
      .rd_pair_i(rd_w8_i),
      .rd_addr_i(rd_ptr_q + skip + column),
      .low_o(low),
      .high_o(high)
    );

    // Lane b: banded bank b, and rd_bank_q is 0; else tile b.
    if (b == 0) begin : g_first
      always_ff @(posedge clk_i) if (rd_q) rd_data_o[255:0] <= word[rd_bank_q];
    end else if (b < Blocks) begin : g_wide
      logic [1:0] source;
      assign source = 2'(b) + rd_bank_q;
      always_ff @(posedge clk_i) if (rd_q && (rd_banded_q || rd_wide_q >= 2'(b))) rd_data_o[b*256 +: 256] <= word[source];
    end else begin : g_band
      always_ff @(posedge clk_i) if (rd_q && rd_banded_q) rd_data_o[b*256 +: 256] <= word[b];
    end
  end

  logic unused_wide;
  assign unused_wide = ^{rd_wide_i, rd_wide_q, rd_words_i, rd_words3_i};

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i |-> ready_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i && rd_banded_i |-> rd_bank_i == '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_en_i |-> 32'(rd_wide_i) < Blocks);
`endif
endmodule
