// SPDX-License-Identifier: Apache-2.0
// Control registers of the stand-in kernel: the offsets and the ap_ctrl_hs handshake of hw/spec/registers.json.
module standin_regs (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         awvalid_i,
  input  logic [11:0]  awaddr_i,
  output logic         awready_o,
  input  logic         wvalid_i,
  input  logic [31:0]  wdata_i,
  output logic         wready_o,
  output logic         bvalid_o,
  input  logic         bready_i,
  input  logic         arvalid_i,
  input  logic [11:0]  araddr_i,
  output logic         arready_o,
  output logic         rvalid_o,
  output logic [31:0]  rdata_o,
  input  logic         rready_i,
  output logic         interrupt_o,
  output logic         start_o,
  input  logic         done_i,
  input  logic [1:0]   failed_i,  // bit 0 read, bit 1 write answered with an error
  output logic [639:0] args_o     // registers 0x20 .. 0x6c
);
  logic [639:0] args_q;
  logic [63:0]  cycles_q;
  logic         gie_q, ier_q, isr_q, busy_q, done_q, start_q, bvalid_q, rvalid_q;
  logic [1:0]   failed_q;
  logic [31:0]  rdata_q, rd_word;
  logic         wr_do, rd_do, wr_arg;

  logic [7:0]   error_code;

  assign error_code = failed_q[0] ? squat_spec_pkg::ErrorAxiRead : failed_q[1] ? squat_spec_pkg::ErrorAxiWrite : squat_spec_pkg::ErrorNone;

  // Address and data are taken together.
  assign wr_do     = awvalid_i && wvalid_i && !bvalid_q;
  assign rd_do     = arvalid_i && !rvalid_q;
  assign wr_arg    = awaddr_i >= 12'h020 && awaddr_i <= 12'h06c;
  assign awready_o = wr_do;
  assign wready_o  = wr_do;
  assign bvalid_o  = bvalid_q;
  assign arready_o = !rvalid_q;
  assign rvalid_o  = rvalid_q;
  assign rdata_o   = rdata_q;

  always_comb begin
    case (araddr_i)
      squat_spec_pkg::RegApCtrl:           rd_word = {28'd0, done_q, !busy_q, done_q, busy_q};
      squat_spec_pkg::RegGie:              rd_word = {31'd0, gie_q};
      squat_spec_pkg::RegIer:              rd_word = {31'd0, ier_q};
      squat_spec_pkg::RegIsr:              rd_word = {31'd0, isr_q};
      squat_spec_pkg::RegId:               rd_word = squat_spec_pkg::Id;
      squat_spec_pkg::RegSpecHash:         rd_word = squat_spec_pkg::SpecHash[31:0];
      squat_spec_pkg::RegSpecHash + 12'd4: rd_word = squat_spec_pkg::SpecHash[63:32];
      squat_spec_pkg::RegStatus:           rd_word = {16'd0, error_code, 6'd0, |failed_q, busy_q};
      squat_spec_pkg::RegCycles:           rd_word = cycles_q[31:0];
      squat_spec_pkg::RegCycles + 12'd4:   rd_word = cycles_q[63:32];
      default: rd_word = araddr_i >= 12'h020 && araddr_i <= 12'h06c ? args_q[32*5'((araddr_i - 12'h020) >> 2) +: 32] : '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    start_q <= 1'b0;
    if (bready_i) bvalid_q <= 1'b0;
    if (rready_i) rvalid_q <= 1'b0;
    if (rd_do) begin
      rvalid_q <= 1'b1;
      rdata_q  <= rd_word;
      if (araddr_i == squat_spec_pkg::RegApCtrl) done_q <= 1'b0;
    end
    if (busy_q) cycles_q <= cycles_q + 64'd1;
    failed_q <= failed_q | failed_i;
    if (wr_do) begin
      bvalid_q <= 1'b1;
      if (wr_arg) args_q[32*5'((awaddr_i - 12'h020) >> 2) +: 32] <= wdata_i;
      if (awaddr_i == squat_spec_pkg::RegGie) gie_q <= wdata_i[0];
      if (awaddr_i == squat_spec_pkg::RegIer) ier_q <= wdata_i[0];
      if (awaddr_i == squat_spec_pkg::RegIsr) isr_q <= isr_q ^ wdata_i[0];
      if (awaddr_i == squat_spec_pkg::RegApCtrl && wdata_i[0] && !busy_q) begin
        busy_q   <= 1'b1;
        start_q  <= 1'b1;
        cycles_q <= '0;
        failed_q <= '0;
      end
    end
    if (done_i) begin
      busy_q <= 1'b0;
      done_q <= 1'b1;
      if (ier_q) isr_q <= 1'b1;
    end
    if (!rst_ni) begin
      {gie_q, ier_q, isr_q, busy_q, done_q, start_q, bvalid_q, rvalid_q} <= '0;
      failed_q <= '0;
      cycles_q <= '0;
      args_q   <= '0;
    end
  end

  assign interrupt_o = gie_q && isr_q;
  assign start_o     = start_q;
  assign args_o      = args_q;
endmodule
