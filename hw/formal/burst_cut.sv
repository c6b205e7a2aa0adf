// SPDX-License-Identifier: Apache-2.0
// Bursts never cross a 4 KiB boundary or the range, have 1 to 64 beats, and are as long as that allows. Combinational.
module burst_cut #(
  parameter int unsigned BeatBytes = 16
) (
  input logic [$clog2(4096/BeatBytes)-1:0] addr_i,
  input logic [15:0]                       left_i
);
  localparam logic [16:0] Page = 17'(4096 / BeatBytes);

  logic [6:0]  beats;
  logic [16:0] end_of_burst, longer;
  squat_burst_cut #(.BeatBytes(BeatBytes)) u_cut (.addr_i, .left_i, .beats_o(beats));

  assign end_of_burst = 17'(addr_i) + 17'(beats);
  assign longer       = 17'(beats) + 17'd1;
  always_comb begin
    assume (left_i != 16'd0);
    assert (beats >= 7'd1 && beats <= 7'd64 && 16'(beats) <= left_i);
    assert (end_of_burst <= Page);
    assert (longer > 17'd64 || longer > 17'(left_i) || end_of_burst + 17'd1 > Page);
  end
endmodule
