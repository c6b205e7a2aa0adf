// SPDX-License-Identifier: Apache-2.0
// Sequencer of the array: issues the steps of every pass, keeps the two accumulator banks, and hands finished passes to post.
//
// A step reads one column of activations and of weights, 2 cycles later it enters the array (step_*). A pass starts when its tile is in the
// ring and its accumulator bank has been read; passes follow each other without a bubble. A tile is popped with the last step of its last
// pass. A wide pass does all this with up to Blocks tiles. Jobs (job_*, valid/ready) appear in the order of the passes, when the array reports pass_done_i; bank_free_i[b] pulses when post has
// read bank b. job_cmd_o, the command record, is valid only together with job_valid_o: post keeps what it needs. The next command starts
// while post still drains.
// Levels for counting: mac_step_o (a step was issued), weight_stall_o and drain_stall_o (a pass waits for its tile, for its bank), cmd_last_o
// (the step is its command's last).
module squat_gemm_ctrl #(
  parameter int unsigned Blocks = 1,
  parameter int unsigned BeatWords = 1,
  parameter int unsigned RingDepth = 2048,
  parameter int unsigned BiasDepth = 1024,
  parameter int unsigned AddrW = 15,
  parameter int unsigned CountW = $clog2(RingDepth) + 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              cmd_valid_i,
  input  logic [511:0]      cmd_i,
  output logic              cmd_ready_o,
  output logic              err_valid_o,
  output logic [7:0]        err_code_o,
  input  logic [15:0]       n8_i,
  input  logic [15:0]       tokens_i,
  // weight ring
  output logic [CountW-1:0] ring_need_o,
  input  logic              ring_ready_i,
  output logic              ring_rd_en_o,
  output logic              ring_rd_banded_o,
  output logic [1:0]        ring_rd_bank_o,
  output logic              ring_rd_w8_o,
  output logic [CountW-2:0] ring_rd_offset_o,
  output logic [1:0]        ring_rd_wide_o,
  output logic [CountW-2:0] ring_rd_words_o,
  output logic [CountW-2:0] ring_rd_words3_o,
  output logic              ring_pop_o,
  output logic [CountW-1:0] ring_pop_words_o,
  // activation memory
  output logic              ard_en_o,
  output logic [AddrW-1:0]  ard_addr_e_o,
  output logic [AddrW-1:0]  ard_addr_o_o,
  output logic [3:0]        ard_rot_o,
  // array
  output logic              step_valid_o,
  output logic              step_first_o,
  output logic              step_last_o,
  output logic              step_bank_o,
  output logic              step_banded_o,
  output logic [1:0]        step_mode_o,
  output logic [1:0]        step_wide_o,
  output logic              step_swap_o,  // act0 comes from the odd half
  input  logic              pass_done_i,
  input  logic              pass_done_bank_i,
  // post
  output logic              job_valid_o,
  input  logic              job_ready_i,
  output logic              job_bank_o,
  output logic [15:0]       job_tile_o,
  output logic [1:0]        job_wide_o,
  output logic [3:0]        job_group_o,
  output logic              job_pair_o,
  output logic              job_last_o,
  output logic [511:0]      job_cmd_o,
  input  logic [1:0]        bank_free_i,
  // counters
  output logic              mac_step_o,
  output logic              weight_stall_o,
  output logic              drain_stall_o,
  output logic              cmd_last_o
);
  // Parameter contract
  // See squat_gemm_passes.
  localparam int unsigned InfoW = 16 + 2 + 4 + 1 + 1 + 2;

  // Command records of the passes under way. Four suffice: two jobs, the pass being issued and the passes being made can each belong to
  // another command, and no further one is accepted before the last of these passes has been taken.
  logic [511:0] record_q [4];
  logic [1:0]   record_wr_q, pass_record;
  logic         cmd_accept, job_accept;
  assign cmd_accept = cmd_valid_i && cmd_ready_o;
  assign job_accept = job_valid_o && job_ready_i;
  always_ff @(posedge clk_i) begin
    if (cmd_accept) record_q[record_wr_q] <= cmd_i;
    if (!rst_ni) record_wr_q <= '0;
    else if (cmd_accept) record_wr_q <= record_wr_q + 2'd1;
  end
  assign pass_record = record_wr_q - 2'd1;  // passes come from the newest command

  logic              pass_valid, pass_ready, pass_swap, pass_banded, pass_tile_last, pass_last;
  logic [AddrW-1:0]  pass_addr_e, pass_addr_o;
  logic [12:0]       pass_steps, pass_ks;
  logic [CountW-2:0] pass_words;
  logic [CountW-1:0] pass_need;
  logic [1:0]        pass_mode, pass_wide;
  logic [15:0]       pass_tile;
  logic [3:0]        pass_group;
  squat_gemm_passes #(
    .Blocks(Blocks),
    .BeatWords(BeatWords),
    .RingDepth(RingDepth),
    .BiasDepth(BiasDepth),
    .AddrW(AddrW)
  ) u_passes (
    .clk_i,
    .rst_ni,
    .cmd_valid_i,
    .cmd_i,
    .cmd_ready_o,
    .n8_i,
    .tokens_i,
    .err_valid_o,
    .err_code_o,
    .pass_valid_o(pass_valid),
    .pass_ready_i(pass_ready),
    .pass_addr_e_o(pass_addr_e),
    .pass_addr_o_o(pass_addr_o),
    .pass_swap_o(pass_swap),
    .pass_steps_o(pass_steps),
    .pass_ks_o(pass_ks),
    .pass_words_o(pass_words),
    .pass_need_o(pass_need),
    .pass_wide_o(pass_wide),
    .pass_mode_o(pass_mode),
    .pass_banded_o(pass_banded),
    .pass_tile_last_o(pass_tile_last),
    .pass_tile_o(pass_tile),
    .pass_group_o(pass_group),
    .pass_last_o(pass_last)
  );

  // The pass being issued.
  logic              cur_valid_q, started_q, cur_bank_q, swap_q, banded_q, tile_last_q, pass_last_q;
  logic [AddrW-1:0]  addr_e_q, addr_o_q;
  logic [12:0]       left_q, ks_q, offset_q;
  logic [1:0]        ring_bank_q, mode_q, wide_q;
  logic [3:0]        rot_q;
  logic [CountW-2:0] words_q, words3_q;
  logic [CountW-1:0] need_q;
  logic [InfoW-1:0]  info_q;
  logic [1:0]        busy_q;  // accumulator banks written, or to be read
  logic              step, step_last;

  assign step       = cur_valid_q && (started_q || (ring_ready_i && !busy_q[cur_bank_q]));
  assign step_last  = left_q == 13'd1;
  assign pass_ready = !cur_valid_q || (step && step_last);

  always_ff @(posedge clk_i) begin
    if (step) begin
      started_q <= 1'b1;
      left_q    <= left_q - 13'd1;
      addr_e_q  <= addr_e_q + 1'b1;
      addr_o_q  <= addr_o_q + 1'b1;
      rot_q     <= rot_q + 4'd1;
      if (!banded_q && offset_q == ks_q - 13'd1) begin
        offset_q    <= '0;
        ring_bank_q <= ring_bank_q + 2'd1;
      end else begin
        offset_q <= offset_q + 13'd1;
      end
    end
    if (pass_ready) begin
      started_q   <= 1'b0;
      addr_e_q    <= pass_addr_e;
      addr_o_q    <= pass_addr_o;
      left_q      <= pass_steps;
      ks_q        <= pass_ks;
      words_q     <= pass_words;
      words3_q    <= pass_words + {pass_words[CountW-3:0], 1'b0};
      need_q      <= pass_need;
      wide_q      <= pass_wide;
      mode_q      <= pass_mode;
      swap_q      <= pass_swap;
      banded_q    <= pass_banded;
      tile_last_q <= pass_tile_last;
      pass_last_q <= pass_last;
      info_q      <= {pass_record, pass_last, pass_mode == 2'd1, pass_group, pass_wide, pass_tile};
      rot_q       <= '0;
      offset_q    <= '0;
      ring_bank_q <= '0;
    end
    if (!rst_ni) begin
      cur_valid_q <= 1'b0;
      cur_bank_q  <= 1'b0;
      busy_q      <= '0;
    end else begin
      if (pass_ready) cur_valid_q <= pass_valid;
      if (step && step_last) cur_bank_q <= !cur_bank_q;
      busy_q <= (busy_q & ~bank_free_i) | (step ? (2'd1 << cur_bank_q) : 2'd0);
    end
  end

  assign ring_need_o      = need_q;
  assign ring_rd_en_o     = step;
  assign ring_rd_banded_o = banded_q;
  assign ring_rd_bank_o   = ring_bank_q;
  assign ring_rd_w8_o     = mode_q[1];
  assign ring_rd_offset_o = offset_q[CountW-2:0];
  assign ring_pop_o       = step && step_last && tile_last_q;
  assign ring_rd_wide_o   = wide_q;
  assign ring_rd_words_o  = words_q;
  assign ring_rd_words3_o = words3_q;
  assign ring_pop_words_o = need_q;
  assign ard_en_o         = step;
  assign ard_addr_e_o     = addr_e_q;
  assign ard_addr_o_o     = addr_o_q;
  assign ard_rot_o        = rot_q;
  assign mac_step_o       = step;
  assign weight_stall_o   = cur_valid_q && !started_q && !ring_ready_i;
  assign cmd_last_o       = step && step_last && pass_last_q;
  assign drain_stall_o    = cur_valid_q && !started_q && ring_ready_i && busy_q[cur_bank_q];

  // Beside the two cycles of the memories.
  logic       valid_q, first_q, last_q, bank_q, step_banded_q, step_swap_q;
  logic [1:0] step_mode_q, step_wide_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q      <= 1'b0;
      step_valid_o <= 1'b0;
    end else begin
      valid_q      <= step;
      step_valid_o <= valid_q;
    end
    first_q       <= !started_q;
    last_q        <= step_last;
    bank_q        <= cur_bank_q;
    step_banded_q <= banded_q;
    step_mode_q   <= mode_q;
    step_wide_q   <= wide_q;
    step_swap_q   <= swap_q;
    step_first_o  <= first_q;
    step_last_o   <= last_q;
    step_bank_o   <= bank_q;
    step_banded_o <= step_banded_q;
    step_mode_o   <= step_mode_q;
    step_wide_o   <= step_wide_q;
    step_swap_o   <= step_swap_q;
  end

  // Jobs: passes alternate between the banks, so do the jobs.
  logic [InfoW-1:0] bank_info_q [2];
  logic [1:0]       done_q;  // passes complete, not yet taken by post
  logic             job_bank_q;
  logic [1:0]       job_record;
  always_ff @(posedge clk_i) begin
    if (step && !started_q) bank_info_q[cur_bank_q] <= info_q;
    if (!rst_ni) begin
      done_q     <= '0;
      job_bank_q <= 1'b0;
    end else begin
      done_q <= (done_q & ~(job_accept ? (2'd1 << job_bank_q) : 2'd0)) | (pass_done_i ? (2'd1 << pass_done_bank_i) : 2'd0);
      if (job_accept) job_bank_q <= !job_bank_q;
    end
  end
  assign job_valid_o = done_q[job_bank_q];
  assign job_bank_o  = job_bank_q;
  assign {job_record, job_last_o, job_pair_o, job_group_o, job_wide_o, job_tile_o} = bank_info_q[job_bank_q];
  assign job_cmd_o   = record_q[job_record];

`ifdef VERILATOR
  logic [2:0] records_q;
  always_ff @(posedge clk_i) records_q <= rst_ni ? records_q + 3'(cmd_accept) - 3'(job_accept && job_last_o) : 3'd0;
  assert property (@(posedge clk_i) disable iff (!rst_ni) pass_done_i |-> busy_q[pass_done_bank_i] && !done_q[pass_done_bank_i]);
  assert property (@(posedge clk_i) disable iff (!rst_ni) (bank_free_i & ~busy_q) == '0 && (bank_free_i & done_q) == '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) job_valid_o && !job_ready_i |=> job_valid_o && $stable({job_record, job_tile_o, job_wide_o, job_group_o}));
  assert property (@(posedge clk_i) disable iff (!rst_ni) records_q <= 3'd4);
`endif
endmodule
