// SPDX-License-Identifier: Apache-2.0
// Two width tables of a pass: token -> (slot, 8 bit?), slot -> token, and the counts of both.
//
// TCLM writes a table: wr_start clears it and sets its counts, then one token per cycle (the table named at wr_start). All queries
// are combinational. Slots are numbered as TCLM does: 8-bit tokens from 0, 4-bit tokens from the next multiple of 16, so a slot's
// validity follows from the counts; its entries are meaningful once every token has been written, which the command order ensures.
// Query clients: 0 post, 1 io, 2 vec.
// Parameter contract: Clients at least 1.
module squat_token_tables #(
  parameter int unsigned Clients = 3
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 wr_start_i,
  input  logic                 wr_table_i,
  input  logic [7:0]           wr_count_i,
  input  logic [7:0]           wr_n8_i,
  input  logic                 wr_valid_i,
  input  logic [6:0]           wr_token_i,
  input  logic [7:0]           wr_slot_i,
  input  logic                 wr_eight_i,

  input  logic [Clients-1:0]   q_table_i,
  input  logic [Clients*7-1:0] q_token_i,
  output logic [Clients*8-1:0] q_slot_o,
  output logic [Clients-1:0]   q_eight_o,

  input  logic                 s_table_i,
  input  logic [7:0]           s_slot_i,
  output logic [6:0]           s_token_o,
  output logic                 s_valid_o,

  output logic [2*8-1:0]       n8_o,
  output logic [2*8-1:0]       tokens_o
);
  logic       table_q;
  logic [8:0] by_token [0:255];  // {table, token} -> {eight, slot}
  logic [6:0] by_slot [0:511];   // {table, slot} -> token

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) begin
      by_token[{table_q, wr_token_i}] <= {wr_eight_i, wr_slot_i};
      by_slot[{table_q, wr_slot_i}]   <= wr_token_i;
    end
    if (wr_start_i) table_q <= wr_table_i;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      n8_o     <= '0;
      tokens_o <= '0;
    end else if (wr_start_i) begin
      n8_o[8*wr_table_i +: 8]     <= wr_n8_i;
      tokens_o[8*wr_table_i +: 8] <= wr_count_i;
    end
  end

  for (genvar i = 0; i < Clients; i = i + 1) begin : gen_query
    assign {q_eight_o[i], q_slot_o[8*i +: 8]} = by_token[{q_table_i[i], q_token_i[7*i +: 7]}];
  end

  // Slots of the 4-bit group: first4 .. first4 + tokens - n8 - 1.
  logic [7:0] n8, count, offset4;
  assign n8        = n8_o[8*s_table_i +: 8];
  assign count     = tokens_o[8*s_table_i +: 8];
  assign offset4   = s_slot_i - ((n8 + 8'd15) & 8'hf0);
  assign s_valid_o = s_slot_i < n8 || (s_slot_i >= ((n8 + 8'd15) & 8'hf0) && offset4 < count - n8);
  assign s_token_o = by_slot[{s_table_i, s_slot_i}];

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && wr_start_i) begin
      assert (wr_n8_i <= wr_count_i && wr_count_i <= 8'd128) else $error("squat_token_tables: counts");
      assert (!wr_valid_i) else $error("squat_token_tables: token together with start");
    end
    if (rst_ni && wr_valid_i) begin
      assert (wr_eight_i == (wr_slot_i < n8_o[8*table_q +: 8])) else $error("squat_token_tables: slot in the wrong group");
    end
  end
`endif
endmodule
