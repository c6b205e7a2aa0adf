// SPDX-License-Identifier: Apache-2.0
// Writes profile records into the pass buffer through squat_axi_writer: record of command i to units profile_i + 4*i .. + 3.
// Latency: request in the cycle of rec_valid_i, then 1 beat per cycle; rec_ready_o with the last. The range was checked at the start.
// Parameter contract: none.
module squat_record_writer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [63:0]  io_base_i,
  input  logic [31:0]  profile_i,
  input  logic         rec_valid_i,
  input  logic [511:0] rec_i,
  output logic         rec_ready_o,
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  input  logic         w_ready_i
);
  logic       announced_q;
  logic [1:0] beat_q;

  assign req_valid_o = rec_valid_i && !announced_q;
  assign req_addr_o  = io_base_i + {28'd0, profile_i, 4'd0} + {42'd0, rec_i[squat_spec_pkg::ProfileIndexLsb +: 16], 6'd0};
  assign req_beats_o = 16'd4;
  assign w_valid_o   = announced_q;
  assign w_data_o    = rec_i[128*beat_q +: 128];
  assign w_strb_o    = '1;
  assign rec_ready_o = announced_q && w_ready_i && beat_q == 2'd3;

  always_ff @(posedge clk_i) begin
    if (req_valid_o && req_ready_i) announced_q <= 1'b1;
    if (w_valid_o && w_ready_i) beat_q <= beat_q + 2'd1;
    if (rec_ready_o) announced_q <= 1'b0;
    if (!rst_ni) begin
      announced_q <= 1'b0;
      beat_q      <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) rec_valid_i && !rec_ready_o |=> rec_valid_i && $stable(rec_i));
`endif
endmodule
