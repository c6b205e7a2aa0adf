// SPDX-License-Identifier: Apache-2.0
// Reads a run of beats from one port in bursts of up to 64 beats, several outstanding, into a queue of 256 beats.
// With `wild_i` it withdraws a read address that was not taken at once, which AXI forbids.
module standin_reader (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic         wild_i,
  input  logic [63:0]  base_i,
  input  logic [31:0]  beats_i,
  output logic         arvalid_o,
  output logic [63:0]  araddr_o,
  output logic [7:0]   arlen_o,
  input  logic         arready_i,
  input  logic         rvalid_i,
  input  logic [127:0] rdata_i,
  input  logic [1:0]   rresp_i,
  output logic         rready_o,
  output logic         error_o,
  output logic         valid_o,
  output logic [127:0] data_o,
  input  logic         pop_i
);
  logic [63:0]  addr_q;
  logic [31:0]  left_q;     // beats not yet requested
  logic [8:0]   reserved_q; // places taken or promised in the queue
  logic [8:0]   head_q, tail_q;
  logic [127:0] queue_q [256];
  logic         arvalid_q, hidden_q;
  logic [7:0]   len_q;
  logic [8:0]   page, burst;
  logic         take;

  // A burst ends at a 4 KiB boundary.
  assign page  = 9'd256 - {1'b0, addr_q[11:4]};
  assign burst = left_q < 32'd64 && left_q[8:0] < page ? left_q[8:0] : page < 9'd64 ? page : 9'd64;
  assign take  = rvalid_i && rready_o;

  assign arvalid_o = arvalid_q && !(wild_i && hidden_q);
  assign araddr_o  = addr_q;
  assign arlen_o   = len_q;
  assign rready_o  = 1'b1;  // the place was reserved with the request
  assign error_o   = take && rresp_i != 2'b00;
  assign valid_o   = head_q != tail_q;
  assign data_o    = queue_q[head_q[7:0]];

  always_ff @(posedge clk_i) begin
    hidden_q <= arvalid_o && !arready_i;
    if (take) begin
      queue_q[tail_q[7:0]] <= rdata_i;
      tail_q               <= tail_q + 9'd1;
    end
    if (pop_i) head_q <= head_q + 9'd1;
    reserved_q <= reserved_q - 9'(pop_i);
    if (arvalid_o && arready_i) begin
      arvalid_q <= 1'b0;
      addr_q    <= addr_q + {51'd0, {1'b0, len_q} + 9'd1, 4'd0};
    end
    if (!arvalid_q && left_q != 0 && reserved_q + burst <= 9'd256) begin
      arvalid_q  <= 1'b1;
      len_q      <= 8'(burst - 9'd1);
      left_q     <= left_q - 32'(burst);
      reserved_q <= reserved_q + burst - 9'(pop_i);
    end
    if (start_i) begin
      addr_q <= base_i;
      left_q <= beats_i;
    end
    if (!rst_ni) begin
      {arvalid_q, hidden_q} <= '0;
      {reserved_q, head_q, tail_q} <= '0;
      left_q <= '0;
    end
  end
endmodule
