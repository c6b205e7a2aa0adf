// SPDX-License-Identifier: Apache-2.0
// Last stage of norm and softmax: 16 codes of one slot, word `word` of its row, become one write to the activation memory.
// Addressing: docs/develop/accelerator.md. With ks_i != 0 the region is banded: band = number of slices before column 16*word
// (compares with ks, 2*ks, 3*ks), slot 4*band + slot, column minus band*ks.
// Handshake: a producer raises issue_i (only while room_o) when it starts a word that arrives some cycles later as valid_i
// without back-pressure; room is counted from issue to the accepted write, so the queue of `Depth` writes never overflows.
// idle_o: nothing issued is left.
// Latency: 3 cycles from valid_i to wr_valid_o.
module squat_vec_out #(
  // Parameter contract: Depth a power of two, larger than the cycles from issue_i to wr_valid_o for full rate.
  parameter int unsigned Depth = 16,
  localparam int unsigned DepthW = $clog2(Depth)
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [14:0]  base_i,
  input  logic [12:0]  stride_i,
  input  logic [12:0]  ks_i,
  input  logic         issue_i,
  output logic         room_o,
  output logic         idle_o,
  input  logic         valid_i,
  input  logic [7:0]   slot_i,
  input  logic [5:0]   word_i,
  input  logic [127:0] data_i,
  output logic         wr_valid_o,
  output logic         wr_half_o,
  output logic [14:0]  wr_addr_o,
  output logic [3:0]   wr_rot_o,
  output logic [127:0] wr_data_o,
  output logic [15:0]  wr_mask_o,
  input  logic         wr_ready_i
);
  // Stage 1: band, slot and column. ks is a multiple of 16, so the column stays one and rot = slot % 16.
  logic [14:0]  column, ks2, ks3;
  logic [14:0]  column_q;
  logic [7:0]   slot_q;
  logic [127:0] data1_q, data2_q;
  logic         valid1_q, valid2_q;
  assign column = {5'd0, word_i, 4'd0};
  assign ks2    = {1'b0, ks_i, 1'b0};
  assign ks3    = ks2 + 15'(ks_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid1_q <= 1'b0;
    else         valid1_q <= valid_i;
    if (valid_i) begin
      data1_q <= data_i;
      if (ks_i == 13'd0 || column < 15'(ks_i)) begin
        slot_q   <= slot_i;
        column_q <= column;
      end else if (column < ks2) begin
        slot_q   <= slot_i + 8'd4;
        column_q <= column - 15'(ks_i);
      end else if (column < ks3) begin
        slot_q   <= slot_i + 8'd8;
        column_q <= column - ks2;
      end else begin
        slot_q   <= slot_i + 8'd12;
        column_q <= column - ks3;
      end
    end
  end

  // Stage 2: address = base + (slot / 32)*stride + column; slots are below 160.
  logic [14:0] addr_q, stride_part;
  logic        half_q;
  logic [3:0]  rot_q;
  assign stride_part = (slot_q[5] ? {2'd0, stride_i} : 15'd0) + (slot_q[6] ? {1'b0, stride_i, 1'b0} : 15'd0)
                     + (slot_q[7] ? {stride_i, 2'd0} : 15'd0);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid2_q <= 1'b0;
    else         valid2_q <= valid1_q;
    if (valid1_q) begin
      addr_q  <= base_i + stride_part + column_q;
      half_q  <= slot_q[4];
      rot_q   <= slot_q[3:0];
      data2_q <= data1_q;
    end
  end

  // Queue.
  logic [19:0]       place [Depth];  // address, half, rotation
  logic [127:0]      codes [Depth];
  logic [DepthW-1:0] wr_ptr_q, rd_ptr_q;
  logic [DepthW:0]   count_q, reserved_q;
  logic              pop;
  assign pop        = wr_valid_o && wr_ready_i;
  assign wr_valid_o = count_q != '0;
  assign {wr_addr_o, wr_half_o, wr_rot_o} = place[rd_ptr_q];
  assign wr_data_o  = codes[rd_ptr_q];
  assign wr_mask_o  = 16'hffff;
  assign room_o     = reserved_q != (DepthW + 1)'(Depth);
  assign idle_o     = reserved_q == '0;

  always_ff @(posedge clk_i) begin
    if (valid2_q) begin
      place[wr_ptr_q] <= {addr_q, half_q, rot_q};
      codes[wr_ptr_q] <= data2_q;
    end
    if (!rst_ni) begin
      wr_ptr_q   <= '0;
      rd_ptr_q   <= '0;
      count_q    <= '0;
      reserved_q <= '0;
    end else begin
      if (valid2_q) wr_ptr_q <= wr_ptr_q + 1'b1;
      if (pop)      rd_ptr_q <= rd_ptr_q + 1'b1;
      if (valid2_q != pop) count_q <= valid2_q ? count_q + 1'b1 : count_q - 1'b1;
      if (issue_i != pop)  reserved_q <= issue_i ? reserved_q + 1'b1 : reserved_q - 1'b1;
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) issue_i |-> room_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) valid2_q |-> count_q != (DepthW + 1)'(Depth));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   (wr_valid_o && !wr_ready_i) |=> wr_valid_o && $stable(wr_addr_o));
`endif
endmodule
