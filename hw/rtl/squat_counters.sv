// SPDX-License-Identifier: Apache-2.0
// Performance and width counters of a run, and the per-layer totals of 8-bit tokens for the status block.
// Latency: 1 cycle. Cleared by clear_i at the start, counting while run_i is high (from start until the status block is written),
// readable afterwards. A beat of ports 1 and up counts as BeatWords: beats are of 16 bytes. counters_o: 8 x 64 bit in the order of registers.json (cycles first).
module squat_counters #(
  parameter int unsigned ReadPorts = 5,
  parameter int unsigned BeatWords = 1
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  input  logic                 run_i,
  input  logic                 mac_step_i,
  input  logic                 weight_stall_i,
  input  logic                 drain_stall_i,
  input  logic [ReadPorts-1:0] read_beat_i,
  input  logic                 write_beat_i,
  input  logic [3:0]           done_i,
  input  logic                 rep_valid_i,
  input  logic [5:0]           rep_layer_i,
  input  logic [15:0]          rep_total_i,
  input  logic [7:0]           rep_eight_i,
  input  logic [7:0]           rep_four_i,
  output logic [511:0]         counters_o,
  output logic [31:0]          commands_done_o,
  input  logic [3:0]           layer_quad_i,  // layers 4*quad .. 4*quad+3 ...
  output logic [127:0]         layer_words_o  // ... as 32-bit words; 0 where no report came
);
  // Parameter contract
  // ReadPorts <= 7, BeatWords <= 4: the sum of a cycle's beats has 5 bits.
  if (ReadPorts > 7 || BeatWords > 4) begin : g_bad_parameters
    $error("squat_counters: ReadPorts must be at most 7, BeatWords at most 4");
  end

  logic [63:0] cycles_q, mac_q, read_q, write_q, weight_q, drain_q, eight_q, four_q;
  logic [31:0] commands_q;
  logic [4:0]  read_sum;
  logic [2:0]  done_sum;
  logic [15:0] total_q [64];
  logic [63:0] seen_q;

  always_comb begin
    read_sum = '0;
    for (int p = 0; p < ReadPorts; p++) read_sum = read_sum + (read_beat_i[p] ? 5'(p == 0 ? 1 : BeatWords) : 5'd0);
    done_sum = '0;
    for (int u = 0; u < 4; u++) done_sum = done_sum + 3'(done_i[u]);
    for (int l = 0; l < 4; l++) begin
      layer_words_o[32*l +: 32] = seen_q[{layer_quad_i, 2'(l)}] ? {16'd0, total_q[{layer_quad_i, 2'(l)}]} : '0;
    end
  end

  assign counters_o      = {four_q, eight_q, drain_q, weight_q, write_q, read_q, mac_q, cycles_q};
  assign commands_done_o = commands_q;

  always_ff @(posedge clk_i) begin
    if (run_i) begin
      cycles_q   <= cycles_q + 64'd1;
      mac_q      <= mac_q + 64'(mac_step_i);
      weight_q   <= weight_q + 64'(weight_stall_i);
      drain_q    <= drain_q + 64'(drain_stall_i);
      read_q     <= read_q + 64'(read_sum);
      write_q    <= write_q + 64'(write_beat_i);
      commands_q <= commands_q + 32'(done_sum);
      if (rep_valid_i) begin
        total_q[rep_layer_i] <= rep_total_i;
        seen_q[rep_layer_i]  <= 1'b1;
        eight_q <= eight_q + 64'(rep_eight_i);
        four_q  <= four_q + 64'(rep_four_i);
      end
    end
    if (clear_i || !rst_ni) begin
      cycles_q   <= '0;
      mac_q      <= '0;
      weight_q   <= '0;
      drain_q    <= '0;
      read_q     <= '0;
      write_q    <= '0;
      commands_q <= '0;
      seen_q     <= '0;
      eight_q    <= '0;
      four_q     <= '0;
    end
  end

`ifdef VERILATOR
  assert property (@(posedge clk_i) disable iff (!rst_ni) !run_i && !clear_i |=> $stable(cycles_q));
`endif
endmodule
