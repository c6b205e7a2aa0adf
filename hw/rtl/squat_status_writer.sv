// SPDX-License-Identifier: Apache-2.0
// Writes the status block, the last 64 units (1 KiB) of the pass buffer, through squat_axi_writer.
// Layout: words 0..3 status, error index, commands done, 0; bytes 16..79 the eight counters; bytes 80..91 the sums of memory; bytes 256..511 the 64 layer
// words; the last word the CRC-32 of bytes 0..1007; rest 0.
// Latency: 1 beat per cycle. go_i is one pulse; done_o is one pulse when every beat has been acknowledged. Inputs stay stable meanwhile.
module squat_status_writer (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         go_i,
  output logic         done_o,
  input  logic [63:0]  io_base_i,
  input  logic [31:0]  io_units_i,
  input  logic [31:0]  status_i,
  input  logic [31:0]  error_index_i,
  input  logic [31:0]  commands_done_i,
  input  logic [511:0] counters_i,
  input  logic [95:0]  sums_i,
  output logic [3:0]   layer_quad_o,
  input  logic [127:0] layer_words_i,
  output logic         req_valid_o,
  output logic [63:0]  req_addr_o,
  output logic [15:0]  req_beats_o,
  input  logic         req_ready_i,
  output logic         w_valid_o,
  output logic [127:0] w_data_o,
  output logic [15:0]  w_strb_o,
  input  logic         w_ready_i,
  input  logic         w_idle_i
);
  // Parameter contract
  // io_units_i >= 64.
  localparam logic [5:0] LastBeat = 6'd63;

  logic        req_q, data_q, wait_q, taken, fresh_q;
  logic [5:0]  beat_q;
  logic [31:0] crc, crc_q;  // of the beats taken so far; crc in the cycle after a beat, then crc_q

  assign req_valid_o  = req_q;
  assign req_addr_o   = io_base_i + {28'd0, io_units_i - 32'd64, 4'd0};
  assign req_beats_o  = 16'd64;
  assign w_valid_o    = data_q;
  assign w_strb_o     = '1;
  assign layer_quad_o = beat_q[3:0];
  assign taken        = data_q && w_ready_i;
  assign done_o       = wait_q && !req_q && !data_q && w_idle_i;

  always_comb begin
    w_data_o = '0;
    if (beat_q == 6'd0) w_data_o = {32'd0, commands_done_i, error_index_i, status_i};
    else if (beat_q <= 6'd4) w_data_o = counters_i[128*2'(beat_q - 6'd1) +: 128];
    else if (beat_q == 6'd5) w_data_o = {32'd0, sums_i};
    else if (beat_q[5:4] == 2'd1) w_data_o = layer_words_i;
    else if (beat_q == LastBeat) w_data_o[127:96] = fresh_q ? crc : crc_q;
  end

  squat_crc32 u_crc (
    .clk_i,
    .valid_i(taken),
    .first_i(beat_q == 6'd0),
    .data_i (w_data_o),
    .crc_o  (crc)
  );

  always_ff @(posedge clk_i) begin
    if (req_ready_i) req_q <= 1'b0;
    fresh_q <= taken;
    if (fresh_q) crc_q <= crc;
    if (taken) begin
      beat_q <= beat_q + 6'd1;
      if (beat_q == LastBeat) data_q <= 1'b0;
    end
    if (done_o) wait_q <= 1'b0;
    if (go_i) begin
      {req_q, data_q, wait_q} <= '1;
      beat_q <= '0;
    end
    if (!rst_ni) {req_q, data_q, wait_q} <= '0;
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) go_i |-> io_units_i >= 32'd64 && !wait_q);
`endif
endmodule
