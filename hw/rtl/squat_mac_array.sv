// SPDX-License-Identifier: Apache-2.0
// MKMP array: Rows x Cols packed multiply-accumulate cells, output stationary, with overlapped extraction into int32 accumulators.
//
// A step (step_valid_i) multiplies column k of the activations of up to Rows slots with Cols pairs of output channels, for every cell
// one packed multiplication. step_mode_i: 0 W4A8, 1 W4A4 (two activations per row), 2 W8 signed, 3 W8 unsigned activations.
//   w_i     per band Cols * 16 bits. W8: {w1[7:0], w0[7:0]} per column, W4: the low half holds {w1[3:0], w0[3:0]} per column.
//           Without step_banded_i band 0 feeds all rows.
//   act0_i, act1_i  one code per row; in W4A4 a 4-bit code c is the int8 8*c (the nibble is [6:3]); act1_i counts only there.
// A pass is a number of steps divisible by 8 from step_first_i to step_last_i, with bubbles anywhere and the next pass (into the other
// accumulator bank) right behind. Every 8 steps the sums are copied aside and start again; during the next 8 cycles one accumulator
// per 8 rows of a column takes them over.
// Latency: 13 cycles from the step with step_last_i to pass_done_o, when all sums of the pass can be read. acc_data_o: 1 cycle.
// No backpressure: the sequencer starts a pass only when its bank has been read.
// CellModules = 1 builds the cells from squat_dsp, one instance each (synthesis); 0 writes the same registers as loops, which
// simulates about twice as fast. tests/rtl/gemm_array.cmake checks both.
module squat_mac_array #(
  parameter int unsigned Rows = 16,
  parameter int unsigned Cols = 16,
  parameter int unsigned Bands = 4,
`ifdef SYNTHESIS
  parameter int unsigned CellModules = 1
`else
  parameter int unsigned CellModules = 0
`endif
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     step_valid_i,
  input  logic                     step_first_i,
  input  logic                     step_last_i,
  input  logic                     step_bank_i,
  input  logic                     step_banded_i,
  input  logic [1:0]               step_mode_i,
  input  logic [Bands*Cols*16-1:0] w_i,
  input  logic [Rows*8-1:0]        act0_i,
  input  logic [Rows*8-1:0]        act1_i,
  output logic                     pass_done_o,
  output logic                     pass_done_bank_o,
  input  logic                     acc_rd_en_i,
  input  logic                     acc_rd_bank_i,
  input  logic [3:0]               acc_rd_row_i,
  input  logic                     acc_rd_half_i,
  input  logic                     acc_rd_pair_i,
  output logic [Cols*32-1:0]       acc_data_o
);
  // Parameter contract
  // Rows is a multiple of 8 and of Bands, at most 16; Cols is even. W8 weights are -127..127 ((-128 << 19) - 1 would leave the 27 bits).
  if (Rows % 8 != 0 || Rows % Bands != 0 || Rows > 16 || Cols % 2 != 0) begin : g_bad_parameters
    $error("squat_mac_array: Rows must be 8 or 16 and a multiple of Bands, Cols even");
  end

  localparam int unsigned Groups = Rows / 8;  // accumulators per column
  localparam int unsigned BandRows = Rows / Bands;
  localparam int unsigned Cells = Rows * Cols;

  // Control beside the data: stage 1 operands registered, 2 products registered, 3 sums registered.
  logic [2:0] count_q;  // steps modulo 8
  logic start1_q, start2_q, end1_q, end2_q, end3_q, valid1_q, valid2_q;
  logic head_q, head1_q, head2_q;  // block of 8 is the first of its pass
  logic tail1_q, tail2_q, tail3_q;  // block is the last of its pass
  logic bank1_q, bank2_q, bank3_q;
  logic [1:0] mode1_q, mode2_q, mode3_q;
  // Extraction of the copied sums: row pair by row pair, sums registered, then added.
  logic ext_q, ext_head_q, ext_tail_q, ext_bank_q, sum_valid_q, sum_head_q, sum_tail_q, sum_bank_q;
  logic [2:0] ext_row_q, sum_row_q;
  logic [1:0] ext_mode_q, sum_mode_q;
  logic [47:0] sum_q[Groups*Cols];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      end1_q <= 1'b0;
      end2_q <= 1'b0;
      end3_q <= 1'b0;
      ext_q <= 1'b0;
      sum_valid_q <= 1'b0;
      pass_done_o <= 1'b0;
    end else begin
      if (step_valid_i) count_q <= count_q + 3'd1;
      valid1_q <= step_valid_i;
      valid2_q <= valid1_q;
      end1_q <= step_valid_i && count_q == 3'd7;
      end2_q <= end1_q;
      end3_q <= end2_q;
      if (end3_q) ext_q <= 1'b1;
      else if (ext_row_q == 3'd7) ext_q <= 1'b0;
      sum_valid_q <= ext_q;
      pass_done_o <= sum_valid_q && sum_tail_q && sum_row_q == 3'd7;
    end
    start1_q <= count_q == 3'd0;
    start2_q <= start1_q;
    if (step_valid_i && count_q == 3'd0) head_q <= step_first_i;
    head1_q <= head_q;
    head2_q <= head1_q;
    tail1_q <= step_last_i;
    tail2_q <= tail1_q;
    tail3_q <= tail2_q;
    bank1_q <= step_bank_i;
    bank2_q <= bank1_q;
    bank3_q <= bank2_q;
    mode1_q <= step_mode_i;
    mode2_q <= mode1_q;
    mode3_q <= mode2_q;
    if (end3_q) begin
      ext_row_q <= '0;
      ext_head_q <= head2_q;
      ext_tail_q <= tail3_q;
      ext_bank_q <= bank3_q;
      ext_mode_q <= mode3_q;
    end else if (ext_q) begin
      ext_row_q <= ext_row_q + 3'd1;
    end
    sum_row_q <= ext_row_q;
    sum_head_q <= ext_head_q;
    sum_tail_q <= ext_tail_q;
    sum_bank_q <= ext_bank_q;
    sum_mode_q <= ext_mode_q;
    pass_done_bank_o <= sum_bank_q;
  end

  // Operands, and in the loops products and sums, are kept sign-extended to 64 bits: the value is that of the 27, 18, 45, 48 bits.
  logic signed [63:0] a_q[Bands*Cols];
  logic signed [63:0] b_q[Rows];

  if (CellModules != 0) begin : g_cells
    for (genvar g = 0; g < Groups; g++) begin : g_group
      for (genvar c = 0; c < Cols; c++) begin : g_col
        logic [47:0] copy_q[8];
        for (genvar r = 0; r < 8; r++) begin : g_row
          logic signed [47:0] p;
          squat_dsp #(
            .OperandRegs(0)
          ) u_dsp (
            .clk_i,
            .ce_ab_i(1'b0),
            .ce_m_i(valid1_q),
            .ce_p_i(valid2_q),
            .restart_i(start2_q),
            .a_i(a_q[((g*8+r)/BandRows)*Cols+c][26:0]),
            .b_i(b_q[g*8+r][17:0]),
            .p_o(p)
          );
          always_ff @(posedge clk_i) if (end3_q) copy_q[r] <= p;
        end
        always_ff @(posedge clk_i) if (ext_q) sum_q[g*Cols+c] <= copy_q[ext_row_q];
      end
    end
    always_ff @(posedge clk_i) begin
      if (step_valid_i) begin
        for (int b = 0; b < Bands; b++) begin
          for (int c = 0; c < Cols; c++) begin
            if (step_mode_i[1]) a_q[b*Cols+c] <= 64'(squat_pack_pkg::weights8(step_banded_i ? w_i[(b*Cols+c)*16+:16] : w_i[c*16+:16]));
            else a_q[b*Cols+c] <= 64'(squat_pack_pkg::weights4(step_banded_i ? w_i[b*Cols*16+c*8+:8] : w_i[c*8+:8]));
          end
        end
        for (int r = 0; r < Rows; r++) b_q[r] <= 64'(squat_pack_pkg::codes(step_mode_i, act1_i[r*8+3+:4], act0_i[r*8+:8]));
      end
    end
  end else begin : g_loops
    logic signed [63:0] copy_q[Cells];
    logic signed [63:0] p_q[Cells];
    logic signed [63:0] m_q[Cells];
    // Last stage first, with blocking assignments: every variable but sum_q is private to this block.
    always_ff @(posedge clk_i) begin
      if (ext_q) for (int g = 0; g < Groups; g++) for (int c = 0; c < Cols; c++) sum_q[g*Cols+c] <= copy_q[(g*8+32'(ext_row_q))*Cols+c][47:0];
      if (end3_q) for (int i = 0; i < Cells; i++) copy_q[i] = p_q[i];
      if (valid2_q) begin
        if (start2_q) for (int i = 0; i < Cells; i++) p_q[i] = m_q[i];
        else for (int i = 0; i < Cells; i++) p_q[i] = p_q[i] + m_q[i];
      end
      if (valid1_q) for (int r = 0; r < Rows; r++) for (int c = 0; c < Cols; c++) m_q[r*Cols+c] = a_q[(r/BandRows)*Cols+c] * b_q[r];
      if (step_valid_i) begin
        if (step_mode_i[1]) for (int i = 0; i < Cols; i++) a_q[i] = 64'(squat_pack_pkg::weights8(w_i[i*16+:16]));
        else for (int i = 0; i < Cols; i++) a_q[i] = 64'(squat_pack_pkg::weights4(w_i[i*8+:8]));
        if (!step_banded_i) for (int i = Cols; i < Bands * Cols; i++) a_q[i] = a_q[i%Cols];
        else if (step_mode_i[1]) for (int i = Cols; i < Bands * Cols; i++) a_q[i] = 64'(squat_pack_pkg::weights8(w_i[i*16+:16]));
        else for (int i = Cols; i < Bands * Cols; i++) a_q[i] = 64'(squat_pack_pkg::weights4(w_i[(i/Cols)*Cols*16+(i%Cols)*8+:8]));
        for (int r = 0; r < Rows; r++) b_q[r] = 64'(squat_pack_pkg::codes(step_mode_i, act1_i[r*8+3+:4], act0_i[r*8+:8]));
      end
    end
  end

  // Accumulators and their read port.
  logic [63:0] rd_data[Groups*Cols];
  for (genvar g = 0; g < Groups; g++) begin : g_acc_group
    for (genvar c = 0; c < Cols; c++) begin : g_acc
      squat_accumulator u_accumulator (
          .clk_i,
          .en_i(sum_valid_q),
          .overwrite_i(sum_head_q),
          .mode_i(sum_mode_q),
          .bank_i(sum_bank_q),
          .row_i(sum_row_q),
          .sum_i(sum_q[g*Cols+c]),
          .rd_bank_i(acc_rd_bank_i),
          .rd_row_i(acc_rd_row_i[2:0]),
          .rd_pair_i(acc_rd_pair_i),
          .rd_data_o(rd_data[g*Cols+c])
      );
    end
  end
  for (genvar l = 0; l < Cols / 2; l++) begin : g_lane
    localparam int unsigned Upper = (Groups - 1) * Cols + l;  // rows 8 to 15, where there are any
    always_ff @(posedge clk_i) begin
      if (acc_rd_en_i) begin
        if (acc_rd_row_i[3]) acc_data_o[64*l+:64] <= acc_rd_half_i ? rd_data[Upper+Cols/2] : rd_data[Upper];
        else acc_data_o[64*l+:64] <= acc_rd_half_i ? rd_data[l+Cols/2] : rd_data[l];
      end
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) step_valid_i && step_first_i |-> count_q == 3'd0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) step_valid_i && step_last_i |-> count_q == 3'd7);
  assert property (@(posedge clk_i) disable iff (!rst_ni) end3_q |-> !ext_q || ext_row_q == 3'd7);
  assert property (@(posedge clk_i) disable iff (!rst_ni) acc_rd_en_i |-> !(sum_valid_q && sum_bank_q == acc_rd_bank_i));
`endif
endmodule
