// SPDX-License-Identifier: Apache-2.0
// Loader and weight ring together: load commands in, tiles of weights out. Latencies and handshakes: squat_weight_loader and, by the width of
// the read ports, squat_weight_ring (rd_data_o: a lane a bank) or squat_row_ring (a lane a bank for every block).
module squat_weight_feed #(
  parameter int unsigned Banks = 4,
  parameter int unsigned Blocks = 1,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned CountW = $clog2(RingDepth) + 1,
  parameter int unsigned Lanes = BeatWords > 1 ? Blocks * Banks : Banks
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // load commands
  input  logic                     cmd_valid_i,
  input  logic [511:0]             cmd_i,
  output logic                     cmd_ready_o,
  output logic                     done_o,
  output logic [Banks-1:0]         cmd_last_o,
  output logic [31:0]              sum_o,
  output logic                     err_valid_o,
  output logic [7:0]               err_code_o,
  input  logic [Banks*64-1:0]      w_base_i,
  input  logic [63:0]              kv_base_i,
  input  logic [31:0]              weights_units_i,
  input  logic [31:0]              kv_units_i,
  // AXI read masters
  output logic [Banks-1:0]         m_arvalid_o,
  output logic [Banks*64-1:0]      m_araddr_o,
  output logic [Banks*8-1:0]       m_arlen_o,
  input  logic [Banks-1:0]         m_arready_i,
  input  logic [Banks-1:0]         m_rvalid_i,
  input  logic [Banks*BeatWords*128-1:0] m_rdata_i,
  input  logic [Banks*2-1:0]       m_rresp_i,
  input  logic [Banks-1:0]         m_rlast_i,
  output logic [Banks-1:0]         m_rready_o,
  // tiles
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
  output logic [Lanes*256-1:0]     rd_data_o
);
  // Parameter contract
  // Banks is 4; Blocks is 1..4; RingDepth is a power of two, at least 64 * BeatWords. BeatWords, 16-byte words of a beat, is 1 or 4.
  localparam int unsigned RowCountW = $clog2(RingDepth / BeatWords) + 1;

  logic [Banks*RowCountW-1:0] free;
  logic [Banks-1:0]        reserve, wr_valid;
  logic [Banks*7-1:0]      reserve_beats;
  logic [Banks*BeatWords*128-1:0] wr_data;

  squat_weight_loader #(
    .Banks(Banks),
    .Blocks(Blocks),
    .BeatWords(BeatWords),
    .RingDepth(RingDepth)
  ) u_loader (
    .clk_i,
    .rst_ni,
    .cmd_valid_i,
    .cmd_i,
    .cmd_ready_o,
    .done_o,
    .cmd_last_o,
    .sum_o,
    .err_valid_o,
    .err_code_o,
    .w_base_i,
    .kv_base_i,
    .weights_units_i,
    .kv_units_i,
    .free_i(free),
    .reserve_o(reserve),
    .reserve_beats_o(reserve_beats),
    .wr_valid_o(wr_valid),
    .wr_data_o(wr_data),
    .m_arvalid_o,
    .m_araddr_o,
    .m_arlen_o,
    .m_arready_i,
    .m_rvalid_i,
    .m_rdata_i,
    .m_rresp_i,
    .m_rlast_i,
    .m_rready_o
  );

  if (BeatWords == 1) begin : g_words
    squat_weight_ring #(
      .Banks(Banks),
      .Blocks(Blocks),
      .Depth(RingDepth)
    ) u_ring (
      .clk_i,
      .rst_ni,
      .free_o(free),
      .reserve_i(reserve),
      .reserve_beats_i(reserve_beats),
      .wr_valid_i(wr_valid),
      .wr_data_i(wr_data),
      .need_i,
      .ready_o,
      .rd_en_i,
      .rd_banded_i,
      .rd_bank_i,
      .rd_w8_i,
      .rd_offset_i,
      .rd_wide_i,
      .rd_words_i,
      .rd_words3_i,
      .pop_i,
      .pop_words_i,
      .rd_data_o
    );
  end else begin : g_rows
    squat_row_ring #(
      .Banks(Banks),
      .Blocks(Blocks),
      .Depth(RingDepth / BeatWords)
    ) u_ring (
      .clk_i,
      .rst_ni,
      .free_o(free),
      .reserve_i(reserve),
      .reserve_beats_i(reserve_beats),
      .wr_valid_i(wr_valid),
      .wr_data_i(wr_data),
      .need_i,
      .ready_o,
      .rd_en_i,
      .rd_banded_i,
      .rd_bank_i,
      .rd_w8_i,
      .rd_offset_i,
      .rd_wide_i,
      .rd_words_i,
      .rd_words3_i,
      .pop_i,
      .pop_words_i,
      .rd_data_o
    );
  end
endmodule
