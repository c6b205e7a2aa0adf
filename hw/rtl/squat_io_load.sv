// SPDX-License-Identifier: Apache-2.0
// Data side of load_residual and load_params. The unit has asked for the whole range already.
// load_residual: one beat = 16 int8 -> squat_io_requant (shared, outside) -> int32 word x_base + t*x_stride + i of vector memory; with
// add_i the word's old value is added: it is read in the cycle that takes the beat, and both are ready 3 cycles later.
// load_params: four beats = one 512-bit word of the parameter buffer; a last word of fewer beats is filled with zeros.
// Latency: 1 beat per cycle; residual 5 cycles to the write request. start_i is one pulse with stable fields, done_o one pulse.
// rd_ready_o follows the room in the output FIFO, so a stalled write client holds the read data, never the other way round.
module squat_io_load (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic         residual_i,  // 1 load_residual, 0 load_params
  input  logic         add_i,
  input  logic [15:0]  beats_i,
  input  logic [7:0]   words_i,
  input  logic [13:0]  x_base_i,
  input  logic [7:0]   x_stride_i,
  input  logic [1:0]   buffer_i,
  input  logic [9:0]   word_i,
  input  logic         checked_i,
  input  logic [31:0]  crc_i,
  output logic         done_o,
  output logic         corrupt_o,  // checked, and the CRC-32 of all beats is not crc_i: one pulse, not after done_o
  output logic         wait_o,  // could not move on: no beat, no room, a refused read or, after the last beat, write
  input  logic         rd_valid_i,
  input  logic [127:0] rd_data_i,
  output logic         rd_ready_o,
  output logic         rq_valid_o,
  output logic [431:0] rq_acc_o,
  input  logic         rq_valid_i,
  input  logic [511:0] rq_value_i,
  output logic         vrd_valid_o,
  output logic [13:0]  vrd_addr_o,
  input  logic         vrd_ready_i,
  input  logic         vrd_rvalid_i,
  input  logic [511:0] vrd_data_i,
  output logic         vwr_valid_o,
  output logic [13:0]  vwr_addr_o,
  output logic [511:0] vwr_data_o,
  input  logic         vwr_ready_i,
  output logic         par_wr_valid_o,
  output logic [1:0]   par_wr_buffer_o,
  output logic [9:0]   par_wr_word_o,
  output logic [511:0] par_wr_data_o
);
  // Parameter contract
  // beats_i >= 1.
  localparam int unsigned Room = 8;

  logic         active_q, take, write, par_q, fifo_ready, unused_ok;
  logic [15:0]  in_left_q, out_left_q;
  logic [3:0]   used_q;  // beats between the read channel and the write request
  logic [3:0]   fifo_count;
  logic [13:0]  row_q, rd_row_q;
  logic [7:0]   column_q, rd_column_q;
  logic [1:0]   quarter_q;
  logic [9:0]   word_q, par_word_q;
  logic [511:0] par_data_q, operand_q, sum;
  logic         open, operand_valid_q;

  assign open        = active_q && in_left_q != '0 && (!residual_i || used_q != 4'(Room));
  assign rd_ready_o  = open && (!add_i || vrd_ready_i);
  assign wait_o      = active_q && (in_left_q != '0 ? !take : vwr_valid_o && !vwr_ready_i);
  assign take        = rd_valid_i && rd_ready_o;
  assign vrd_valid_o = open && add_i && rd_valid_i;
  assign vrd_addr_o  = rd_row_q + 14'(rd_column_q);
  assign rq_valid_o = take && residual_i;
  for (genvar i = 0; i < 16; i++) begin : g_lane
    assign rq_acc_o[27*i +: 27] = {{19{rd_data_i[8*i+7]}}, rd_data_i[8*i +: 8]};
  end

  assign write           = vwr_valid_o && vwr_ready_i;
  assign vwr_addr_o      = row_q + 14'(column_q);
  assign par_wr_valid_o  = par_q;
  assign par_wr_buffer_o = buffer_i;
  assign par_wr_word_o   = par_word_q;
  assign par_wr_data_o   = par_data_q;
  assign done_o          = active_q && out_left_q == '0;
  assign unused_ok       = ^{fifo_ready, fifo_count};

  // The sum is there one cycle after the last beat: with the end of load_params, before that of load_residual.
  logic        last_q;
  logic [31:0] crc;
  squat_crc32 u_crc (
    .clk_i,
    .valid_i(take),
    .first_i(in_left_q == beats_i),
    .data_i (rd_data_i),
    .crc_o  (crc)
  );
  always_ff @(posedge clk_i) last_q <= rst_ni && take && in_left_q == 16'd1;
  assign corrupt_o = last_q && checked_i && crc != crc_i;

  always_ff @(posedge clk_i) begin
    par_q  <= 1'b0;
    used_q <= used_q + 4'(rq_valid_o) - 4'(write);
    if (start_i) begin
      active_q    <= 1'b1;
      in_left_q   <= beats_i;
      out_left_q  <= beats_i;
      row_q       <= x_base_i;
      column_q    <= '0;
      rd_row_q    <= x_base_i;
      rd_column_q <= '0;
      quarter_q   <= '0;
      word_q      <= word_i;
    end
    if (done_o) active_q <= 1'b0;
    if (take) in_left_q <= in_left_q - 16'd1;
    if (take && !residual_i) begin
      // The first beat of a word clears the rest of it.
      if (quarter_q == 2'd0) par_data_q <= {384'd0, rd_data_i};
      for (int q = 1; q < 4; q++) begin
        if (quarter_q == 2'(q)) par_data_q[128*q +: 128] <= rd_data_i;
      end
      quarter_q  <= quarter_q + 2'd1;
      par_word_q <= word_q;
      if (quarter_q == 2'd3 || in_left_q == 16'd1) begin
        par_q  <= 1'b1;
        word_q <= word_q + 10'd1;
      end
      out_left_q <= out_left_q - 16'd1;
    end
    if (take && residual_i) begin
      rd_column_q <= rd_column_q + 8'd1;
      if (rd_column_q + 8'd1 == words_i) begin
        rd_column_q <= '0;
        rd_row_q    <= rd_row_q + 14'(x_stride_i);
      end
    end
    operand_valid_q <= vrd_rvalid_i && add_i;
    if (vrd_rvalid_i && add_i) operand_q <= vrd_data_i;
    if (write) begin
      out_left_q <= out_left_q - 16'd1;
      column_q   <= column_q + 8'd1;
      if (column_q + 8'd1 == words_i) begin
        column_q <= '0;
        row_q    <= row_q + 14'(x_stride_i);
      end
    end
    if (!rst_ni) begin
      active_q        <= 1'b0;
      par_q           <= 1'b0;
      used_q          <= '0;
      operand_valid_q <= 1'b0;
    end
  end

  for (genvar i = 0; i < 16; i++) begin : g_sum
    assign sum[32*i +: 32] = rq_value_i[32*i +: 32] + (add_i ? operand_q[32*i +: 32] : 32'd0);
  end

  squat_sync_fifo #(
    .Width(512),
    .Depth(Room)
  ) u_out (
    .clk_i,
    .rst_ni,
    .wr_valid_i(rq_valid_i),
    .wr_data_i (sum),
    .wr_ready_o(fifo_ready),
    .rd_valid_o(vwr_valid_o),
    .rd_data_o (vwr_data_o),
    .rd_ready_i(vwr_ready_i),
    .count_o   (fifo_count)
  );

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) rq_valid_i |-> fifo_ready);
  assert property (@(posedge clk_i) disable iff (!rst_ni) add_i |-> operand_valid_q == rq_valid_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !active_q && beats_i != '0);
`endif
endmodule
