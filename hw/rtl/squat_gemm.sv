// SPDX-License-Identifier: Apache-2.0
// Matrix unit: weight loader and ring, sequencer and MKMP array, one block of 16 columns for each of the tiles multiplied at once. Load commands fill the ring, gemm commands multiply its tiles with codes from
// activation memory; finished passes are offered to post as jobs.
//
// With 512-bit ports (AxiBits) block j works j cycles behind block 0 (squat_row_ring), every block has bands, and a job comes Blocks - 1 cycles later.
// Latency: from a step's read to its products in the array 2 + 3 cycles, from the last step of a pass to its job 16 cycles; passes follow each
// other without a bubble. Handshakes: load_* and gemm_* command ports, job_* valid/ready, bank_free_i pulses; docs/develop/accelerator.md,
// "Module boundaries". A gemm command is done when post says so.
module squat_gemm #(
  parameter int unsigned Rows = 16,
  parameter int unsigned Cols = 16,
  parameter int unsigned Bands = 4,
  parameter int unsigned AxiBits = 128,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024,
  parameter int unsigned AsramAddrW = 15
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  // load commands
  input  logic                  load_cmd_valid_i,
  input  logic [511:0]          load_cmd_i,
  output logic                  load_cmd_ready_o,
  output logic                  load_done_o,
  output logic                  load_err_valid_o,
  output logic [7:0]            load_err_code_o,
  // gemm commands
  input  logic                  gemm_cmd_valid_i,
  input  logic [511:0]          gemm_cmd_i,
  output logic                  gemm_cmd_ready_o,
  output logic                  gemm_err_valid_o,
  output logic [7:0]            gemm_err_code_o,
  // bases and limits
  input  logic [4*64-1:0]       w_base_i,
  input  logic [63:0]           kv_base_i,
  input  logic [31:0]           weights_units_i,
  input  logic [31:0]           kv_units_i,
  // AXI read masters
  output logic [3:0]            m_arvalid_o,
  output logic [4*64-1:0]       m_araddr_o,
  output logic [4*8-1:0]        m_arlen_o,
  input  logic [3:0]            m_arready_i,
  input  logic [3:0]            m_rvalid_i,
  input  logic [4*AxiBits-1:0]  m_rdata_i,
  input  logic [4*2-1:0]        m_rresp_i,
  input  logic [3:0]            m_rlast_i,
  output logic [3:0]            m_rready_o,
  // width tables
  input  logic [2*8-1:0]        n8_i,
  input  logic [2*8-1:0]        tokens_i,
  // activation memory, array read
  output logic                  ard_en_o,
  output logic [AsramAddrW-1:0] ard_addr_e_o,
  output logic [AsramAddrW-1:0] ard_addr_o_o,
  output logic [3:0]            ard_rot_o,
  input  logic [127:0]          ard_e_i,
  input  logic [127:0]          ard_o_i,
  // post
  output logic                  job_valid_o,
  input  logic                  job_ready_i,
  output logic                  job_bank_o,
  output logic [15:0]           job_tile_o,
  output logic [1:0]            job_wide_o,
  output logic [3:0]            job_group_o,
  output logic                  job_pair_o,
  output logic                  job_last_o,
  output logic [511:0]          job_cmd_o,
  input  logic                  acc_rd_en_i,
  input  logic                  acc_rd_bank_i,
  input  logic [3:0]            acc_rd_row_i,
  input  logic [1:0]            acc_rd_block_i,
  input  logic                  acc_rd_half_i,
  input  logic                  acc_rd_pair_i,
  output logic [511:0]          acc_data_o,
  input  logic [1:0]            bank_free_i,
  // counters
  output logic                  mac_step_o,
  output logic                  weight_stall_o,
  output logic                  drain_stall_o,
  output logic [3:0]            load_last_o,
  output logic [31:0]           load_sum_o,
  output logic                  gemm_last_o
);
  // Parameter contract
  // Rows 16, Bands 4: the widths of the ring, of activation memory and of the accumulator read port follow from them. Cols: one to four
  // blocks of 16. AxiBits: 128 or 512.
  if (Rows != 16 || (AxiBits != 128 && AxiBits != 512) || Cols % 16 != 0 || Cols < 16 || Cols > 64 || Bands != 4) begin : g_bad_parameters
    $error("squat_gemm: Rows, Bands must be 16, 4, Cols 16, 32, 48 or 64, AxiBits 128 or 512");
  end

  localparam int unsigned Blocks = Cols / 16;
  localparam int unsigned BeatWords = AxiBits / 128;
  localparam int unsigned Lanes = BeatWords > 1 ? Blocks * Bands : Bands;  // of the ring

  localparam int unsigned CountW = $clog2(RingDepth) + 1;

  logic [CountW-1:0]        ring_need, ring_pop_words;
  logic [CountW-2:0]        ring_rd_offset, ring_rd_words, ring_rd_words3;
  logic                     ring_ready, ring_rd_en, ring_rd_banded, ring_rd_w8, ring_pop;
  logic [1:0]               ring_rd_bank, ring_rd_wide;
  logic [Lanes*256-1:0]     ring_data;
  logic                     step_valid, step_first, step_last, step_bank, step_banded, step_swap, pass_done, pass_done_bank;
  logic [1:0]               step_mode, step_wide;

  squat_weight_feed #(
    .Banks(Bands),
    .Blocks(Blocks),
    .BeatWords(BeatWords),
    .RingDepth(RingDepth)
  ) u_feed (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(load_cmd_valid_i),
    .cmd_i(load_cmd_i),
    .cmd_ready_o(load_cmd_ready_o),
    .done_o(load_done_o),
    .cmd_last_o(load_last_o),
    .sum_o(load_sum_o),
    .err_valid_o(load_err_valid_o),
    .err_code_o(load_err_code_o),
    .w_base_i,
    .kv_base_i,
    .weights_units_i,
    .kv_units_i,
    .m_arvalid_o,
    .m_araddr_o,
    .m_arlen_o,
    .m_arready_i,
    .m_rvalid_i,
    .m_rdata_i,
    .m_rresp_i,
    .m_rlast_i,
    .m_rready_o,
    .need_i(ring_need),
    .ready_o(ring_ready),
    .rd_en_i(ring_rd_en),
    .rd_banded_i(ring_rd_banded),
    .rd_bank_i(ring_rd_bank),
    .rd_w8_i(ring_rd_w8),
    .rd_offset_i(ring_rd_offset),
    .rd_wide_i(ring_rd_wide),
    .rd_words_i(ring_rd_words),
    .rd_words3_i(ring_rd_words3),
    .pop_i(ring_pop),
    .pop_words_i(ring_pop_words),
    .rd_data_o(ring_data)
  );

  squat_gemm_ctrl #(
    .Blocks(Blocks),
    .BeatWords(BeatWords),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth),
    .AddrW(AsramAddrW)
  ) u_ctrl (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(gemm_cmd_valid_i),
    .cmd_i(gemm_cmd_i),
    .cmd_ready_o(gemm_cmd_ready_o),
    .err_valid_o(gemm_err_valid_o),
    .err_code_o(gemm_err_code_o),
    .n8_i,
    .tokens_i,
    .ring_need_o(ring_need),
    .ring_ready_i(ring_ready),
    .ring_rd_en_o(ring_rd_en),
    .ring_rd_banded_o(ring_rd_banded),
    .ring_rd_bank_o(ring_rd_bank),
    .ring_rd_w8_o(ring_rd_w8),
    .ring_rd_offset_o(ring_rd_offset),
    .ring_rd_wide_o(ring_rd_wide),
    .ring_rd_words_o(ring_rd_words),
    .ring_rd_words3_o(ring_rd_words3),
    .ring_pop_o(ring_pop),
    .ring_pop_words_o(ring_pop_words),
    .ard_en_o,
    .ard_addr_e_o,
    .ard_addr_o_o,
    .ard_rot_o,
    .step_valid_o(step_valid),
    .step_first_o(step_first),
    .step_last_o(step_last),
    .step_bank_o(step_bank),
    .step_banded_o(step_banded),
    .step_mode_o(step_mode),
    .step_wide_o(step_wide),
    .step_swap_o(step_swap),
    .pass_done_i(pass_done),
    .pass_done_bank_i(pass_done_bank),
    .job_valid_o,
    .job_ready_i,
    .job_bank_o,
    .job_tile_o,
    .job_wide_o,
    .job_group_o,
    .job_pair_o,
    .job_last_o,
    .job_cmd_o,
    .bank_free_i,
    .mac_step_o,
    .weight_stall_o,
    .drain_stall_o,
    .cmd_last_o(gemm_last_o)
  );

  logic [Rows*8-1:0]     act0, act1;
  logic [Blocks*512-1:0] acc_data;
  logic [Blocks-1:0]     block_done, block_done_bank;
  logic                  unused_blocks;
  assign act0          = step_swap ? ard_o_i : ard_e_i;
  assign act1          = step_swap ? ard_e_i : ard_o_i;
  assign unused_blocks = ^{block_done, block_done_bank, ring_data, acc_rd_block_i};

  // The step of every block: behind 128-bit ports the same, behind wider ones a cycle later from block to block.
  localparam int unsigned StepW = 2 * Rows * 8 + 9;
  logic [StepW-1:0]        step;
  logic [Blocks*StepW-1:0] steps;
  assign step = {act1, act0, step_wide, step_mode, step_banded, step_bank, step_last, step_first, step_valid};

  if (BeatWords == 1 || Blocks == 1) begin : g_together
    assign steps          = {Blocks{step}};
    assign pass_done      = block_done[0];
    assign pass_done_bank = block_done_bank[0];
  end else begin : g_skewed
    logic [(Blocks-1)*StepW-1:0] later_q;
    logic [Blocks-2:0]           done_q, done_bank_q;  // of block 0, until the last block has the same
    assign steps          = {later_q, step};
    assign pass_done      = done_q[Blocks-2];
    assign pass_done_bank = done_bank_q[Blocks-2];
    always_ff @(posedge clk_i) begin
      for (int j = 0; j < Blocks - 1; j++) begin
        if (steps[j*StepW]) later_q[j*StepW +: StepW] <= steps[j*StepW +: StepW];
        later_q[j*StepW] <= rst_ni && steps[j*StepW];
      end
      done_q      <= rst_ni ? (Blocks-1)'({done_q, block_done[0]}) : '0;
      done_bank_q <= (Blocks-1)'({done_bank_q, block_done_bank[0]});
    end
  end

  // Behind 128-bit ports block 0 has the bands; of the others every row multiplies the same tile. Blocks without a tile rest.
  for (genvar j = 0; j < Blocks; j++) begin : g_block
    localparam int unsigned BlockBands = j == 0 || BeatWords > 1 ? Bands : 1;
    localparam int unsigned Lane = BeatWords > 1 ? j * Bands : j;
    logic              valid, first, last, bank, banded;
    logic [1:0]        mode, wide;
    logic [Rows*8-1:0] code0, code1;
    assign {code1, code0, wide, mode, banded, bank, last, first, valid} = steps[j*StepW +: StepW];

    squat_mac_array #(
      .Rows(Rows),
      .Cols(16),
      .Bands(BlockBands)
    ) u_array (
      .clk_i,
      .rst_ni,
      .step_valid_i(valid && (j == 0 || wide >= 2'(j))),
      .step_first_i(first),
      .step_last_i(last),
      .step_bank_i(bank),
      .step_banded_i(BlockBands > 1 && banded),
      .step_mode_i(mode),
      .w_i(ring_data[Lane*256 +: BlockBands*256]),
      .act0_i(code0),
      .act1_i(code1),
      .pass_done_o(block_done[j]),
      .pass_done_bank_o(block_done_bank[j]),
      .acc_rd_en_i(acc_rd_en_i && (Blocks == 1 || acc_rd_block_i == 2'(j))),
      .acc_rd_bank_i,
      .acc_rd_row_i,
      .acc_rd_half_i,
      .acc_rd_pair_i,
      .acc_data_o(acc_data[j*512 +: 512])
    );
  end

  if (Blocks == 1) begin : g_one
    assign acc_data_o = acc_data;
  end else begin : g_select
    logic [1:0] rd_block_q;
    always_ff @(posedge clk_i) if (acc_rd_en_i) rd_block_q <= acc_rd_block_i;
    assign acc_data_o = acc_data[rd_block_q*512 +: 512];
  end
endmodule
