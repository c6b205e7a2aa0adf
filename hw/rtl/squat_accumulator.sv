// SPDX-License-Identifier: Apache-2.0
// Field extractor and int32 accumulators of eight cells (eight rows of one column), two banks.
//
// Every enabled cycle takes one packed sum of at most 8 products, splits it into its fields and adds them to the accumulators of
// row `row_i` in bank `bank_i` (or overwrites them). A negative lower field has borrowed one from the field above it: the sign bit
// below a field is the carry-in of its adder.
//   mode 0 W4A8      w0*a [21:0]    w1*a [47:22]
//   mode 1 W4A4      w0*a0 [10:0]   w0*a1 [21:11]   w1*a0 [32:22]   w1*a1 [47:33]
//   mode 2, 3 W8     w0*a [18:0]    w1*a [47:19]
// Latency: written at the clock edge that ends the enabled cycle. The read port is combinational; reader and writer use different banks.
module squat_accumulator #(
  parameter int unsigned Depth = 8
) (
  input  logic                     clk_i,
  input  logic                     en_i,
  input  logic                     overwrite_i,
  input  logic [1:0]               mode_i,
  input  logic                     bank_i,
  input  logic [$clog2(Depth)-1:0] row_i,
  input  logic [47:0]              sum_i,
  input  logic                     rd_bank_i,
  input  logic [$clog2(Depth)-1:0] rd_row_i,
  input  logic                     rd_pair_i,
  output logic [63:0]              rd_data_o
);
  // Parameter contract
  // Depth is a power of two.
  // {w1, w0} sums: with a0 (or the only activation), and with a1.
  logic [63:0] first_q[2*Depth];
  logic [63:0] second_q[2*Depth];

  logic [$clog2(Depth):0] index;
  logic [31:0] low, high;
  logic carry;

  assign index = {bank_i, row_i};
  assign rd_data_o = rd_pair_i ? second_q[{rd_bank_i, rd_row_i}] : first_q[{rd_bank_i, rd_row_i}];

  always_comb begin
    unique case (mode_i)
      2'd0: begin
        low = 32'($signed(sum_i[21:0]));
        high = 32'($signed(sum_i[47:22]));
        carry = sum_i[21];
      end
      2'd1: begin
        low = 32'($signed(sum_i[10:0]));
        high = 32'($signed(sum_i[32:22]));
        carry = sum_i[21];
      end
      default: begin
        low = 32'($signed(sum_i[18:0]));
        high = 32'($signed(sum_i[47:19]));
        carry = sum_i[18];
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      first_q[index] <= {(overwrite_i ? 32'd0 : first_q[index][63:32]) + high + 32'(carry), (overwrite_i ? 32'd0 : first_q[index][31:0]) + low};
      if (mode_i == 2'd1) begin
        second_q[index] <= {
          (overwrite_i ? 32'd0 : second_q[index][63:32]) + 32'($signed(sum_i[47:33])) + 32'(sum_i[32]),
          (overwrite_i ? 32'd0 : second_q[index][31:0]) + 32'($signed(sum_i[21:11])) + 32'(sum_i[10])
        };
      end
    end
  end
endmodule
