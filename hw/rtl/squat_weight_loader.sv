// SPDX-License-Identifier: Apache-2.0
// Executes load commands: for tile i, bank b of the ring receives slice s = (b - i % (wide + 1)) mod 4, the words [offset + s*bank_stride +
// i*tile_stride, + words) of the weight image (seen by port b at its own base) or of the KV cache. So one slice of each of wide + 1 tiles lies
// in as many banks, which squat_weight_ring reads at once. Ports of BeatWords > 1 take whole beats: offset, strides and words that are no
// multiples of them are refused (bad_parameter).
//
// Handshake: a command is accepted when all four ports have issued the last burst of the one before. done_o: one pulse per command, in order,
// when all its beats are in the ring. err_valid_o: one pulse with the first error (bad_parameter, bad_address, axi_read, bad_crc); after it nothing is
// issued or accepted until reset. Latency: first burst 4 cycles after the command.
module squat_weight_loader #(
  parameter int unsigned Banks = 4,
  parameter int unsigned Blocks = 1,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned CountW = $clog2(RingDepth / BeatWords) + 1,
  parameter int unsigned MaxOutstanding = 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    cmd_valid_i,
  input  logic [511:0]            cmd_i,
  output logic                    cmd_ready_o,
  output logic                    done_o,
  output logic [Banks-1:0]        cmd_last_o,  // the beat of port b is its last of a command
  output logic [31:0]             sum_o,  // of the cache as read since the reset, see squat_weight_port
  output logic                    err_valid_o,
  output logic [7:0]              err_code_o,
  input  logic [Banks*64-1:0]     w_base_i,
  input  logic [63:0]             kv_base_i,
  input  logic [31:0]             weights_units_i,
  input  logic [31:0]             kv_units_i,
  // ring, in beats
  input  logic [Banks*CountW-1:0] free_i,
  output logic [Banks-1:0]        reserve_o,
  output logic [Banks*7-1:0]      reserve_beats_o,
  output logic [Banks-1:0]        wr_valid_o,
  output logic [Banks*BeatWords*128-1:0] wr_data_o,
  // AXI read masters
  output logic [Banks-1:0]        m_arvalid_o,
  output logic [Banks*64-1:0]     m_araddr_o,
  output logic [Banks*8-1:0]      m_arlen_o,
  input  logic [Banks-1:0]        m_arready_i,
  input  logic [Banks-1:0]        m_rvalid_i,
  input  logic [Banks*BeatWords*128-1:0] m_rdata_i,
  input  logic [Banks*2-1:0]      m_rresp_i,
  input  logic [Banks-1:0]        m_rlast_i,
  output logic [Banks-1:0]        m_rready_o
);
  // Parameter contract
  // Banks is 4. BeatWords is 1 or 4. Blocks, the tiles multiplied at once at most, is 1..4. RingDepth: see squat_weight_ring; MaxOutstanding: see squat_weight_port.
  if (Banks != 4 || Blocks < 1 || Blocks > 4) begin : g_bad_parameters
    $error("squat_weight_loader: Banks must be 4, Blocks 1..4");
  end

  localparam int unsigned DataW = BeatWords * 128;
  localparam int unsigned DoneW = $clog2(MaxOutstanding) + 2;

  logic             kv, split, bad_fields, accept, start, failed_q;
  logic [31:0]      offset;
  logic [12:0]      words;
  logic [1:0]       wide;
  logic [15:0]      tiles;
  logic [Banks-1:0] port_ready, port_done, bad_address, bad_read, bad_crc, finished;

  assign kv          = cmd_i[squat_spec_pkg::LoadBaseLsb];
  assign offset      = cmd_i[squat_spec_pkg::LoadOffsetLsb +: 32];
  assign words       = cmd_i[squat_spec_pkg::LoadWordsLsb +: 13];
  assign wide        = cmd_i[squat_spec_pkg::LoadWideLsb +: 2];
  assign tiles       = cmd_i[squat_spec_pkg::LoadTilesLsb +: 16];
  assign split       = BeatWords > 1 && ((|offset[1:0]) || (|words[1:0]) || (|cmd_i[squat_spec_pkg::LoadBankStrideLsb +: 2]) ||
                                         (|cmd_i[squat_spec_pkg::LoadTileStrideLsb +: 2]));
  assign bad_fields  = split || words == '0 || 32'(words) > RingDepth || tiles == '0 || 32'(wide) >= Blocks;

  logic [Banks*32-1:0] sums;
  assign sum_o       = sums[31:0] ^ sums[63:32] ^ sums[95:64] ^ sums[127:96];
  assign cmd_ready_o = &port_ready && !failed_q;
  assign accept      = cmd_valid_i && cmd_ready_o;
  assign start       = accept && !bad_fields;
  assign done_o      = &finished && !failed_q;

  for (genvar b = 0; b < Banks; b++) begin : g_port
    logic [DoneW-1:0] done_q;  // jobs of this port that are complete but not yet reported

    assign finished[b] = done_q != '0;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) done_q <= '0;
      else done_q <= done_q + DoneW'(port_done[b]) - DoneW'(done_o);
    end

    squat_weight_port #(
      .Slice(b),
      .BeatWords(BeatWords),
      .CountW(CountW),
      .MaxOutstanding(MaxOutstanding)
    ) u_port (
      .clk_i,
      .rst_ni,
      .stop_i(failed_q),
      .start_valid_i(start),
      .start_ready_o(port_ready[b]),
      .base_i(kv ? kv_base_i : w_base_i[b*64 +: 64]),
      .unit_i(34'(offset)),
      .limit_i(kv ? kv_units_i : weights_units_i),
      .stride_i(cmd_i[squat_spec_pkg::LoadTileStrideLsb +: 32]),
      .slice_stride_i(cmd_i[squat_spec_pkg::LoadBankStrideLsb +: 32]),
      .wide_i(Blocks > 1 ? wide : 2'd0),
      .words_i(words),
      .tiles_i(tiles),
      .checked_i(cmd_i[squat_spec_pkg::LoadCheckedLsb]),
      .crc_i(cmd_i[squat_spec_pkg::LoadCrc0Lsb + 32*b +: 32]),
      .summed_i(cmd_i[squat_spec_pkg::LoadSummedLsb +: 2]),
      .sum_turn_i(cmd_i[squat_spec_pkg::LoadTurnLsb +: 3]),
      .positions_i(cmd_i[squat_spec_pkg::LoadPositionsLsb +: 16]),
      .sum_o(sums[32*b +: 32]),
      .job_last_o(cmd_last_o[b]),
      .done_o(port_done[b]),
      .bad_address_o(bad_address[b]),
      .bad_read_o(bad_read[b]),
      .bad_crc_o(bad_crc[b]),
      .free_i(free_i[b*CountW +: CountW]),
      .reserve_o(reserve_o[b]),
      .reserve_beats_o(reserve_beats_o[b*7 +: 7]),
      .wr_valid_o(wr_valid_o[b]),
      .wr_data_o(wr_data_o[b*DataW +: DataW]),
      .m_arvalid_o(m_arvalid_o[b]),
      .m_araddr_o(m_araddr_o[b*64 +: 64]),
      .m_arlen_o(m_arlen_o[b*8 +: 8]),
      .m_arready_i(m_arready_i[b]),
      .m_rvalid_i(m_rvalid_i[b]),
      .m_rdata_i(m_rdata_i[b*DataW +: DataW]),
      .m_rresp_i(m_rresp_i[b*2 +: 2]),
      .m_rlast_i(m_rlast_i[b]),
      .m_rready_o(m_rready_o[b])
    );
  end

  always_ff @(posedge clk_i) begin
    err_valid_o <= 1'b0;
    if (!failed_q && ((accept && bad_fields) || bad_address != '0 || bad_read != '0 || bad_crc != '0)) begin
      failed_q    <= 1'b1;
      err_valid_o <= 1'b1;
      err_code_o  <= bad_read != '0    ? squat_spec_pkg::ErrorAxiRead
                     : bad_crc != '0     ? squat_spec_pkg::ErrorBadCrc
                     : bad_address != '0 ? squat_spec_pkg::ErrorBadAddress
                                         : squat_spec_pkg::ErrorBadParameter;
    end
    if (!rst_ni) begin
      failed_q    <= 1'b0;
      err_valid_o <= 1'b0;
    end
  end

  logic unused_cmd;
  assign unused_cmd = ^{cmd_i};

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) err_valid_o |-> failed_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) failed_q |-> !cmd_ready_o);
`endif
endmodule
