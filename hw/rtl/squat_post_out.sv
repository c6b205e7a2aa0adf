// SPDX-License-Identifier: Apache-2.0
// Output side of post-processing: the residual adder and one queue of finished beats in front of the three memories.
//
// The arithmetic before it never stalls: a beat is issued only when a place is reserved here (meta_push_i while room_o), and its
// data arrives later, in order. Residual words read at issue wait in a small queue for their beat. A queued beat moves to the output
// register, which holds it until its memory takes it. The command, and so the destination, is constant while beats are inside.
// Latency: 2 cycles from finished codes or sums to the write request. Depth covers issue to output register of the longest
// path of one beat per cycle (gated: 15).
// Parameter contract: Depth a power of two, at least 16; Operands a power of two, at least 4.
module squat_post_out #(
  parameter int unsigned Depth = 16,
  parameter int unsigned Operands = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [2:0]   post_i,

  input  logic         meta_push_i,
  input  logic [31:0]  meta_i,
  output logic         room_o,
  output logic         idle_o,

  input  logic         x_valid_i,
  input  logic [511:0] x_i,
  input  logic         y_valid_i,
  input  logic [511:0] y_i,
  input  logic         rope_valid_i,
  input  logic [127:0] rope_codes_i,
  input  logic         gated_valid_i,
  input  logic [127:0] gated_codes_i,  // gated: the lower half
  input  logic         vs_rd_rvalid_i,
  input  logic [511:0] vs_rd_data_i,

  output logic         vs_wr_valid_o,
  output logic [13:0]  vs_wr_addr_o,
  output logic [511:0] vs_wr_data_o,
  input  logic         vs_wr_ready_i,
  output logic         as_wr_valid_o,
  output logic         as_wr_half_o,
  output logic [14:0]  as_wr_addr_o,
  output logic [3:0]   as_wr_rot_o,
  output logic [127:0] as_wr_data_o,
  output logic [15:0]  as_wr_mask_o,
  input  logic         as_wr_ready_i,
  output logic         lg_valid_o,
  output logic [31:0]  lg_addr_o,
  output logic [511:0] lg_data_o,
  input  logic         lg_ready_i
);
  localparam int unsigned PtrW = $clog2(Depth);
  localparam int unsigned OpW = $clog2(Operands);

  logic is_raw, is_residual, is_code, is_rope, is_gated, to_vs, to_lg;
  assign is_raw      = post_i == squat_spec_pkg::PostRaw || post_i == squat_spec_pkg::PostLogits;
  assign is_residual = post_i == squat_spec_pkg::PostResidual;
  assign is_code     = post_i == squat_spec_pkg::PostCode;
  assign is_rope     = post_i == squat_spec_pkg::PostRope;
  assign is_gated    = post_i == squat_spec_pkg::PostGated;
  assign to_vs       = is_residual || post_i == squat_spec_pkg::PostRaw;
  assign to_lg       = post_i == squat_spec_pkg::PostLogits;

  // Residual: words in order of their reads, added to their beats.
  logic [511:0]   operand_mem [0:Operands-1];
  logic [OpW-1:0] operand_wr_q, operand_rd_q;
  logic           sum_en, sum_valid_q;
  logic [511:0]   operand, sum_q;
  assign sum_en  = y_valid_i && is_residual;
  assign operand = operand_mem[operand_rd_q];
  always_ff @(posedge clk_i) begin
    if (vs_rd_rvalid_i) operand_mem[operand_wr_q] <= vs_rd_data_i;
    if (!rst_ni) begin
      operand_wr_q <= '0;
      operand_rd_q <= '0;
      sum_valid_q  <= 1'b0;
    end else begin
      if (vs_rd_rvalid_i) operand_wr_q <= operand_wr_q + 1'b1;
      if (sum_en) operand_rd_q <= operand_rd_q + 1'b1;
      sum_valid_q <= sum_en;
    end
  end
  for (genvar i = 0; i < 16; i = i + 1) begin : gen_sum
    always_ff @(posedge clk_i) begin
      if (sum_en) sum_q[32*i +: 32] <= y_i[32*i +: 32] + operand[32*i +: 32];
    end
  end

  // Codes of 16 channels from the low bytes of the lanes.
  logic [127:0] codes;
  for (genvar i = 0; i < 16; i = i + 1) begin : gen_code
    assign codes[8*i +: 8] = y_i[32*i +: 8];
  end

  // Addresses are queued at issue, data when it is finished; both in the same order.
  logic [31:0]     meta_mem [0:Depth-1];
  logic [511:0]    data_mem [0:Depth-1];
  logic [PtrW-1:0] meta_wr_q, data_wr_q, rd_q;
  logic [PtrW:0]   issued_q, finished_q;
  logic            push, pop, sent, valid_q;
  logic [31:0]     meta_q;
  logic [511:0]    data_q;
  assign push   = is_raw ? x_valid_i : is_residual ? sum_valid_q : is_code ? y_valid_i : is_rope ? rope_valid_i : gated_valid_i;
  assign pop    = finished_q != '0 && (!valid_q || sent);
  assign sent   = valid_q && (to_vs ? vs_wr_ready_i : to_lg ? lg_ready_i : as_wr_ready_i);
  assign room_o = !issued_q[PtrW];
  assign idle_o = issued_q == '0 && !valid_q;
  always_ff @(posedge clk_i) begin
    if (meta_push_i) meta_mem[meta_wr_q] <= meta_i;
    if (push) begin
      data_mem[data_wr_q] <= is_raw ? x_i : is_residual ? sum_q
                             : {384'd0, is_code ? codes : is_rope ? rope_codes_i : gated_codes_i};
    end
    if (pop) begin
      meta_q <= meta_mem[rd_q];
      data_q <= data_mem[rd_q];
    end
    if (!rst_ni) begin
      meta_wr_q  <= '0;
      data_wr_q  <= '0;
      rd_q       <= '0;
      issued_q   <= '0;
      finished_q <= '0;
      valid_q    <= 1'b0;
    end else begin
      if (meta_push_i) meta_wr_q <= meta_wr_q + 1'b1;
      if (push) data_wr_q <= data_wr_q + 1'b1;
      if (pop) rd_q <= rd_q + 1'b1;
      if (meta_push_i != pop) issued_q <= meta_push_i ? issued_q + 1'b1 : issued_q - 1'b1;
      if (push != pop) finished_q <= push ? finished_q + 1'b1 : finished_q - 1'b1;
      if (pop) valid_q <= 1'b1;
      else if (sent) valid_q <= 1'b0;
    end
  end

  assign vs_wr_valid_o = valid_q && to_vs;
  assign vs_wr_addr_o  = meta_q[13:0];
  assign vs_wr_data_o  = data_q;
  assign as_wr_valid_o = valid_q && !to_vs && !to_lg;
  assign as_wr_half_o  = meta_q[19];
  assign as_wr_rot_o   = meta_q[18:15];
  assign as_wr_addr_o  = meta_q[14:0];
  assign as_wr_data_o  = data_q[127:0];
  assign as_wr_mask_o  = is_gated ? 16'h00ff : 16'hffff;
  assign lg_valid_o    = valid_q && to_lg;
  assign lg_addr_o     = meta_q;
  assign lg_data_o     = data_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (meta_push_i) assert (room_o) else $error("squat_post_out: beat issued without a place");
      if (push) assert (finished_q < issued_q) else $error("squat_post_out: data without an address");
      if (sum_en) assert (operand_rd_q != operand_wr_q) else $error("squat_post_out: residual word missing");
      if (vs_rd_rvalid_i) assert (is_residual) else $error("squat_post_out: residual word nobody asked for");
    end
  end
`endif
endmodule
