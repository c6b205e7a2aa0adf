// SPDX-License-Identifier: Apache-2.0
// Written by squat_hls_leaves from the C++ in hls/leaves; do not edit. Proved equal to hw/rtl: hw/formal/hls_*.sv.
// Intermediate results have the widths of ap_int, so some of their upper bits are not used.
/* verilator lint_off UNUSED */
/* verilator lint_off DECLFILENAME */

// leaf::pack_w4
module hls_pack_w4 (
  input  logic signed [3:0] w1_i,
  input  logic signed [3:0] w0_i,
  output logic signed [26:0] a_o
);
  wire signed [35:0] n0 = 36'(w1_i) * 36'(32'sd4194304);
  wire signed [36:0] n1 = 37'(n0) + 37'(w0_i);
  wire signed [26:0] n2 = 27'(n1);
  assign a_o = n2;
endmodule

// leaf::pack_w8
module hls_pack_w8 (
  input  logic signed [7:0] w1_i,
  input  logic signed [7:0] w0_i,
  output logic signed [26:0] a_o
);
  wire signed [39:0] n0 = 40'(w1_i) * 40'(32'sd524288);
  wire signed [40:0] n1 = 41'(n0) + 41'(w0_i);
  wire signed [26:0] n2 = 27'(n1);
  assign a_o = n2;
endmodule

// leaf::pack_a44
module hls_pack_a44 (
  input  logic signed [3:0] a1_i,
  input  logic signed [3:0] a0_i,
  output logic signed [17:0] b_o
);
  wire signed [35:0] n0 = 36'(a1_i) * 36'(32'sd2048);
  wire signed [36:0] n1 = 37'(n0) + 37'(a0_i);
  wire signed [17:0] n2 = 18'(n1);
  assign b_o = n2;
endmodule

// leaf::multiply_add
module hls_multiply_add (
  input  logic signed [47:0] p_i,
  input  logic signed [26:0] a_i,
  input  logic signed [17:0] b_i,
  output logic signed [47:0] p_o
);
  wire signed [44:0] n0 = 45'(a_i) * 45'(b_i);
  wire signed [48:0] n1 = 49'(p_i) + 49'(n0);
  wire signed [47:0] n2 = 48'(n1);
  assign p_o = n2;
endmodule

// leaf::split
module hls_split (
  input  logic [1:0] mode_i,
  input  logic signed [47:0] p_i,
  output logic signed [31:0] w0a0_o,
  output logic signed [31:0] w1a0_o,
  output logic signed [31:0] w0a1_o,
  output logic signed [31:0] w1a1_o
);
  wire signed [10:0] n0 = p_i[10:0];
  wire signed [31:0] n1 = 32'(n0);
  wire [0:0] n2 = p_i[21];
  wire signed [10:0] n3 = p_i[32:22];
  wire signed [11:0] n4 = 12'(n3) + 12'(n2);
  wire signed [31:0] n5 = 32'(n4);
  wire [0:0] n6 = p_i[10];
  wire signed [10:0] n7 = p_i[21:11];
  wire signed [11:0] n8 = 12'(n7) + 12'(n6);
  wire signed [31:0] n9 = 32'(n8);
  wire [0:0] n10 = p_i[32];
  wire signed [14:0] n11 = p_i[47:33];
  wire signed [15:0] n12 = 16'(n11) + 16'(n10);
  wire signed [31:0] n13 = 32'(n12);
  wire signed [21:0] n14 = p_i[21:0];
  wire signed [31:0] n15 = 32'(n14);
  wire [0:0] n16 = p_i[21];
  wire signed [25:0] n17 = p_i[47:22];
  wire signed [26:0] n18 = 27'(n17) + 27'(n16);
  wire signed [31:0] n19 = 32'(n18);
  wire signed [18:0] n20 = p_i[18:0];
  wire signed [31:0] n21 = 32'(n20);
  wire [0:0] n22 = p_i[18];
  wire signed [28:0] n23 = p_i[47:19];
  wire signed [29:0] n24 = 30'(n23) + 30'(n22);
  wire signed [31:0] n25 = 32'(n24);
  wire [0:0] n26 = $signed(33'(mode_i)) == $signed(33'(32'd1));
  wire [0:0] n27 = $signed(33'(mode_i)) == $signed(33'(32'd0));
  wire signed [31:0] n28 = n27 ? n15 : n21;
  wire signed [31:0] n29 = n26 ? n1 : n28;
  wire signed [31:0] n30 = n27 ? n19 : n25;
  wire signed [31:0] n31 = n26 ? n5 : n30;
  assign w0a0_o = n29;
  assign w1a0_o = n31;
  assign w0a1_o = n9;
  assign w1a1_o = n13;
endmodule

// leaf::requantize
module hls_requantize (
  input  logic signed [26:0] x_i,
  input  logic [16:0] m_i,
  input  logic [5:0] s_i,
  input  logic signed [31:0] low_i,
  input  logic signed [31:0] high_i,
  output logic signed [31:0] y_o
);
  wire signed [43:0] n0 = 44'(x_i) * 44'(m_i);
  wire signed [49:0] n1 = 50'(n0);
  wire [49:0] n2 = 50'd1 << s_i;
  wire [49:0] n3 = n2 >> 1;
  wire signed [49:0] n4 = n3;
  wire signed [50:0] n5 = 51'(n1) + 51'(n4);
  wire signed [49:0] n6 = 50'(n5);
  wire signed [49:0] n7 = n6 >>> s_i;
  wire signed [31:0] n8 = 32'(n7);
  wire [0:0] n9 = $signed(51'(n7)) < $signed(51'(low_i));
  wire signed [31:0] n10 = n9 ? low_i : n8;
  wire [0:0] n11 = $signed(51'(n7)) > $signed(51'(high_i));
  wire signed [31:0] n12 = n11 ? high_i : n10;
  assign y_o = n12;
endmodule

// leaf::scale_code
module hls_scale_code (
  input  logic signed [49:0] product_i,
  input  logic [5:0] s_i,
  input  logic [0:0] eight_i,
  input  logic signed [31:0] low8_i,
  output logic signed [7:0] code_o
);
  wire signed [32:0] n0 = 33'(s_i) + 33'(32'sd3);
  wire [5:0] n1 = 6'(n0);
  wire [5:0] n2 = eight_i ? s_i : n1;
  wire signed [31:0] n3 = eight_i ? low8_i : (-32'sd8);
  wire signed [31:0] n4 = eight_i ? 32'sd127 : 32'sd7;
  wire [49:0] n5 = 50'd1 << n2;
  wire [49:0] n6 = n5 >> 1;
  wire signed [49:0] n7 = n6;
  wire signed [50:0] n8 = 51'(product_i) + 51'(n7);
  wire signed [49:0] n9 = 50'(n8);
  wire signed [49:0] n10 = n9 >>> n2;
  wire signed [31:0] n11 = 32'(n10);
  wire [0:0] n12 = $signed(51'(n10)) < $signed(51'(n3));
  wire signed [31:0] n13 = n12 ? n3 : n11;
  wire [0:0] n14 = $signed(51'(n10)) > $signed(51'(n4));
  wire signed [31:0] n15 = n14 ? n4 : n13;
  wire signed [63:0] n16 = 64'(n15) * 64'(32'sd8);
  wire signed [31:0] n17 = 32'(n16);
  wire signed [31:0] n18 = eight_i ? n15 : n17;
  wire signed [7:0] n19 = 8'(n18);
  assign code_o = n19;
endmodule

// leaf::requantize_code
module hls_requantize_code (
  input  logic signed [26:0] x_i,
  input  logic [16:0] m_i,
  input  logic [5:0] s_i,
  input  logic [0:0] eight_i,
  input  logic signed [31:0] low8_i,
  output logic signed [7:0] code_o
);
  wire signed [43:0] n0 = 44'(x_i) * 44'(m_i);
  wire signed [49:0] n1 = 50'(n0);
  wire signed [32:0] n2 = 33'(s_i) + 33'(32'sd3);
  wire [5:0] n3 = 6'(n2);
  wire [5:0] n4 = eight_i ? s_i : n3;
  wire signed [31:0] n5 = eight_i ? low8_i : (-32'sd8);
  wire signed [31:0] n6 = eight_i ? 32'sd127 : 32'sd7;
  wire [49:0] n7 = 50'd1 << n4;
  wire [49:0] n8 = n7 >> 1;
  wire signed [49:0] n9 = n8;
  wire signed [50:0] n10 = 51'(n1) + 51'(n9);
  wire signed [49:0] n11 = 50'(n10);
  wire signed [49:0] n12 = n11 >>> n4;
  wire signed [31:0] n13 = 32'(n12);
  wire [0:0] n14 = $signed(51'(n12)) < $signed(51'(n5));
  wire signed [31:0] n15 = n14 ? n5 : n13;
  wire [0:0] n16 = $signed(51'(n12)) > $signed(51'(n6));
  wire signed [31:0] n17 = n16 ? n6 : n15;
  wire signed [63:0] n18 = 64'(n17) * 64'(32'sd8);
  wire signed [31:0] n19 = 32'(n18);
  wire signed [31:0] n20 = eight_i ? n17 : n19;
  wire signed [7:0] n21 = 8'(n20);
  assign code_o = n21;
endmodule

// leaf::is_clipped
module hls_is_clipped (
  input  logic signed [7:0] code_i,
  input  logic [0:0] eight_i,
  output logic [0:0] clipped_o
);
  wire signed [7:0] n0 = eight_i ? (-8'sd128) : (-8'sd64);
  wire signed [7:0] n1 = eight_i ? 8'sd127 : 8'sd56;
  wire [0:0] n2 = $signed(9'(code_i)) == $signed(9'(n0));
  wire [0:0] n3 = $signed(9'(code_i)) == $signed(9'(n1));
  wire [0:0] n4 = n2 || n3;
  assign clipped_o = n4;
endmodule

// leaf::random_key, ranking_key, wants_eight, budget_target
module hls_width_key (
  input  logic [0:0] reversed_i,
  input  logic [0:0] random_i,
  input  logic [31:0] base_i,
  input  logic [31:0] threshold_i,
  input  logic [10:0] rho_num_i,
  input  logic [31:0] score_i,
  input  logic [16:0] position_i,
  output logic [31:0] key_o,
  output logic [0:0] want_o,
  output logic signed [18:0] target_o
);
  wire [31:0] n0 = 32'(position_i);
  wire [32:0] n1 = 33'(base_i) + 33'(n0);
  wire [31:0] n2 = 32'(n1);
  wire [31:0] n3 = n2 >> 16;
  wire [31:0] n4 = n2 ^ n3;
  wire [63:0] n5 = 64'(n4) * 64'(32'd2246822507);
  wire [31:0] n6 = 32'(n5);
  wire [31:0] n7 = n6 >> 13;
  wire [31:0] n8 = n6 ^ n7;
  wire [63:0] n9 = 64'(n8) * 64'(32'd3266489909);
  wire [31:0] n10 = 32'(n9);
  wire [31:0] n11 = n10 >> 16;
  wire [31:0] n12 = n10 ^ n11;
  wire [31:0] n13 = ~score_i;
  wire [31:0] n14 = reversed_i ? n13 : score_i;
  wire [31:0] n15 = random_i ? n12 : n14;
  assign key_o = n15;
  wire [32:0] n16 = 33'(position_i) + 33'(32'd1);
  wire [16:0] n17 = 17'(n16);
  wire [48:0] n18 = 49'(score_i) * 49'(n17);
  wire [0:0] n19 = $signed(50'(n18)) >= $signed(50'(threshold_i));
  wire [0:0] n20 = $signed(2'(n19)) != $signed(2'(reversed_i));
  wire [31:0] n21 = n12 >> 22;
  wire [0:0] n22 = $signed(33'(n21)) < $signed(33'(rho_num_i));
  wire [0:0] n23 = random_i ? n22 : n20;
  assign want_o = n23;
  wire [32:0] n24 = 33'(position_i) + 33'(32'd1);
  wire [16:0] n25 = 17'(n24);
  wire [27:0] n26 = 28'(rho_num_i) * 28'(n25);
  wire [27:0] n27 = n26 >> 10;
  wire signed [18:0] n28 = 19'(n27);
  assign target_o = n28;
endmodule

// leaf::comes_before
module hls_comes_before (
  input  logic [7:0] j_i,
  input  logic [31:0] key_j_i,
  input  logic [7:0] seen_i,
  input  logic [7:0] i_i,
  input  logic [31:0] key_i_i,
  output logic [0:0] before_o
);
  wire [0:0] n0 = $signed(33'(j_i)) != $signed(33'(32'sd0));
  wire [0:0] n1 = $signed(9'(j_i)) < $signed(9'(seen_i));
  wire [0:0] n2 = n0 && n1;
  wire [0:0] n3 = $signed(33'(key_j_i)) > $signed(33'(key_i_i));
  wire [0:0] n4 = $signed(33'(key_j_i)) == $signed(33'(key_i_i));
  wire [0:0] n5 = $signed(9'(j_i)) < $signed(9'(i_i));
  wire [0:0] n6 = n4 && n5;
  wire [0:0] n7 = n3 || n6;
  wire [0:0] n8 = n2 && n7;
  assign before_o = n8;
endmodule

// leaf::eight_limit
module hls_eight_limit (
  input  logic [10:0] rho_num_i,
  input  logic [7:0] seen_i,
  output logic [7:0] limit_o
);
  wire [18:0] n0 = 19'(rho_num_i) * 19'(seen_i);
  wire [32:0] n1 = 33'(n0) + 33'(32'd1023);
  wire [32:0] n2 = n1 >> 10;
  wire [7:0] n3 = 8'(n2);
  assign limit_o = n3;
endmodule

// leaf::within_budget
module hls_within_budget (
  input  logic [0:0] want_i,
  input  logic signed [18:0] target_i,
  input  logic [16:0] eight_before_i,
  output logic [0:0] eight_o
);
  wire [32:0] n0 = 33'(eight_before_i) + 33'(32'd1);
  wire signed [18:0] n1 = 19'(n0);
  wire signed [32:0] n2 = 33'(target_i) + 33'(32'sd1);
  wire [0:0] n3 = $signed(34'(n1)) <= $signed(34'(n2));
  wire [0:0] n4 = want_i && n3;
  wire signed [32:0] n5 = 33'(target_i) - 33'(32'sd1);
  wire [0:0] n6 = $signed(34'(n1)) <= $signed(34'(n5));
  wire [0:0] n7 = n4 || n6;
  assign eight_o = n7;
endmodule
