// SPDX-License-Identifier: Apache-2.0
// Writes a stream of beats from `base_i` on in bursts of up to 16 beats; done when the last one was answered.
module standin_writer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [63:0]  base_i,
  input  logic [31:0]  beats_i,
  input  logic         valid_i,
  input  logic [127:0] data_i,
  output logic         pop_o,
  output logic         awvalid_o,
  output logic [63:0]  awaddr_o,
  output logic [7:0]   awlen_o,
  input  logic         awready_i,
  output logic         wvalid_o,
  output logic [127:0] wdata_o,
  output logic         wlast_o,
  input  logic         wready_i,
  input  logic         bvalid_i,
  input  logic [1:0]   bresp_i,
  output logic         bready_o,
  output logic         error_o,
  output logic         done_o
);
  typedef enum logic [1:0] {StIdle, StAddress, StData, StResponse} state_e;
  state_e      state_q;
  logic [63:0] addr_q;
  logic [31:0] left_q;
  logic [4:0]  beat_q, burst_q;
  logic [8:0]  page;

  assign page      = 9'd256 - {1'b0, addr_q[11:4]};
  assign awvalid_o = state_q == StAddress;
  assign awaddr_o  = addr_q;
  assign awlen_o   = {3'd0, burst_q - 5'd1};
  assign wvalid_o  = state_q == StData && valid_i;
  assign wdata_o   = data_i;
  assign wlast_o   = beat_q + 5'd1 == burst_q;
  assign pop_o     = wvalid_o && wready_i;
  assign bready_o  = state_q == StResponse;
  assign error_o   = bvalid_i && bready_o && bresp_i != 2'b00;
  assign done_o    = bvalid_i && bready_o && left_q == 0;

  function automatic logic [4:0] length(input logic [31:0] left, input logic [8:0] room);
    length = 5'd16;
    if (left < 32'd16) length = left[4:0];
    if (room < {4'd0, length}) length = room[4:0];
  endfunction

  always_ff @(posedge clk_i) begin
    case (state_q)
      StAddress: if (awready_i) begin
        state_q <= StData;
        beat_q  <= '0;
      end
      StData: if (pop_o) begin
        beat_q <= beat_q + 5'd1;
        addr_q <= addr_q + 64'd16;
        left_q <= left_q - 32'd1;
        if (wlast_o) state_q <= StResponse;
      end
      StResponse: if (bvalid_i) begin
        state_q <= left_q == 0 ? StIdle : StAddress;
        burst_q <= length(left_q, page);
      end
      default: ;
    endcase
    if (start_i) begin
      state_q <= StAddress;
      addr_q  <= base_i;
      left_q  <= beats_i;
      burst_q <= length(beats_i, 9'd256 - {1'b0, base_i[11:4]});
    end
    if (!rst_ni) state_q <= StIdle;
  end
endmodule
