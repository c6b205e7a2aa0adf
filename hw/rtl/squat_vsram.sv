// SPDX-License-Identifier: Apache-2.0
// Vector memory: words of 16 int32, one read and one write per cycle (URAM, simple dual port).
//
// Clients are served in index order, lower index first; ready depends on the valids only and a client without a grant keeps its
// request. Latency: data and its client's rvalid exactly 2 cycles after the accepted request.
// A read accepted in the cycle of a write to the same word returns the old value.
// Parameter contract: Depth is a power of two, AddrW its logarithm; Readers and Writers at least 1.
module squat_vsram #(
  parameter int unsigned Readers = 3,
  parameter int unsigned Writers = 2,
  parameter int unsigned Depth = 16384,
  parameter int unsigned AddrW = $clog2(Depth)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,

  input  logic [Readers-1:0]       rd_valid_i,
  input  logic [Readers*AddrW-1:0] rd_addr_i,
  output logic [Readers-1:0]       rd_ready_o,
  output logic [Readers-1:0]       rd_rvalid_o,
  output logic [511:0]             rd_data_o,

  input  logic [Writers-1:0]       wr_valid_i,
  input  logic [Writers*AddrW-1:0] wr_addr_i,
  input  logic [Writers*512-1:0]   wr_data_i,
  output logic [Writers-1:0]       wr_ready_o
);
  logic [511:0] mem [0:Depth-1];

  // Fixed priority; the index of the granted client selects address and data inside the clocked blocks.
  logic [31:0] rd_client, wr_client;
  always_comb begin
    rd_client = 32'd0;
    for (int unsigned i = 0; i < Readers; i = i + 1) begin
      rd_ready_o[i] = 1'b1;
      for (int unsigned j = 0; j < i; j = j + 1) begin
        if (rd_valid_i[j]) rd_ready_o[i] = 1'b0;
      end
      if (rd_valid_i[i] && rd_ready_o[i]) rd_client = i;
    end
  end
  always_comb begin
    wr_client = 32'd0;
    for (int unsigned i = 0; i < Writers; i = i + 1) begin
      wr_ready_o[i] = 1'b1;
      for (int unsigned j = 0; j < i; j = j + 1) begin
        if (wr_valid_i[j]) wr_ready_o[i] = 1'b0;
      end
      if (wr_valid_i[i] && wr_ready_o[i]) wr_client = i;
    end
  end

  logic [511:0]       array_q;
  logic [Readers-1:0] rvalid_q;
  always_ff @(posedge clk_i) begin
    if (|rd_valid_i) array_q <= mem[rd_addr_i[AddrW*rd_client +: AddrW]];
    if (|rvalid_q) rd_data_o <= array_q;
    if (|wr_valid_i) mem[wr_addr_i[AddrW*wr_client +: AddrW]] <= wr_data_i[512*wr_client +: 512];
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rvalid_q    <= '0;
      rd_rvalid_o <= '0;
    end else begin
      rvalid_q    <= rd_valid_i & rd_ready_o;
      rd_rvalid_o <= rvalid_q;
    end
  end

`ifndef SYNTHESIS
  initial assert (Depth == (1 << AddrW)) else $fatal(1, "squat_vsram: Depth must be a power of two");
  always_ff @(posedge clk_i) begin
    if (rst_ni && |rd_valid_i) assert ($onehot(rd_valid_i & rd_ready_o)) else $error("squat_vsram: two readers");
    if (rst_ni && |wr_valid_i) assert ($onehot(wr_valid_i & wr_ready_o)) else $error("squat_vsram: two writers");
  end
`endif
endmodule
