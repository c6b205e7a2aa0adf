// SPDX-License-Identifier: Apache-2.0
// Cosines and sines of the pass's positions: for every token and pair i < head_dim/2 the angle position * step[i] (2^-32
// turns), one entry per cycle into the RoPE buffer: word token*(head_dim/16) + i/8, lane i % 8, {sin, cos}.
// Latency: tokens*head_dim/2 + 10 cycles. Handshake: start_i pulses while busy_o is low; the configuration is stable until
// busy_o falls, after the last write. Steps: data 2 cycles after step_en_o. The write port takes an entry every cycle.
// Golden twin: hls::rope_sincos.
module squat_rope_table (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [7:0]   tokens_i,
  input  logic [15:0]  first_position_i,
  input  logic [2:0]   log2_head_dim_i,
  output logic         busy_o,
  output logic         step_en_o,
  output logic [1:0]   step_addr_o,
  input  logic [511:0] step_data_i,
  output logic         rope_wr_valid_o,
  output logic [9:0]   rope_wr_addr_o,
  output logic [2:0]   rope_wr_lane_o,
  output logic [31:0]  rope_wr_data_o
);
  // Stage 0: entry counter {token, pair}. A token has head_dim/16 words of 8 pairs in the buffer.
  logic        active_q;
  logic [7:0]  left_q;
  logic [5:0]  pair_q, last_pair;
  logic [16:0] position_q;
  logic        pair_last;
  assign last_pair   = log2_head_dim_i == 3'd7 ? 6'd63 : (log2_head_dim_i == 3'd6 ? 6'd31 : 6'd15);
  assign pair_last   = pair_q == last_pair;
  assign step_en_o   = active_q;
  assign step_addr_o = pair_q[5:4];

  // 1-2 steps arrive, 3 step of the lane, 4 phase, 5-8 squat_sine.
  logic [7:0]  valid_q;
  logic [3:0]  lane1_q, lane2_q;
  logic [16:0] position1_q, position2_q, position3_q;
  logic [31:0] step3_q, phase4_q;
  logic [12:0] entry_q;      // entries are written in order: word, lane
  logic [15:0] cosine, sine;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      valid_q  <= '0;
    end else begin
      valid_q <= {valid_q[6:0], active_q};
      if (start_i)                                        active_q <= 1'b1;
      else if (active_q && pair_last && left_q == 8'd1)   active_q <= 1'b0;
    end
    if (start_i) begin
      left_q     <= tokens_i;
      pair_q     <= '0;
      position_q <= {1'b0, first_position_i};
    end else if (active_q) begin
      pair_q <= pair_last ? 6'd0 : pair_q + 6'd1;
      if (pair_last) begin
        left_q     <= left_q - 8'd1;
        position_q <= position_q + 17'd1;
      end
    end
    if (busy_o) begin
      lane1_q     <= pair_q[3:0];
      lane2_q     <= lane1_q;
      position1_q <= position_q;
      position2_q <= position1_q;
      position3_q <= position2_q;
    end
    if (start_i)          entry_q <= '0;
    else if (valid_q[7]) entry_q <= entry_q + 13'd1;
    if (valid_q[1]) step3_q  <= step_data_i[{lane2_q, 5'd0} +: 32];
    if (valid_q[2]) phase4_q <= 32'(position3_q) * step3_q;
  end

  squat_sine u_sine (.clk_i, .en_i(valid_q[6:3]), .phase_i(phase4_q), .sine_o(sine));
  squat_sine u_cosine (.clk_i, .en_i(valid_q[6:3]), .phase_i(phase4_q + 32'h4000_0000), .sine_o(cosine));

  assign busy_o          = active_q || valid_q != 8'd0;
  assign rope_wr_valid_o = valid_q[7];
  assign rope_wr_addr_o  = entry_q[12:3];
  assign rope_wr_lane_o  = entry_q[2:0];
  assign rope_wr_data_o  = {sine, cosine};

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o && tokens_i != 8'd0 && log2_head_dim_i >= 3'd5);
`endif
endmodule
