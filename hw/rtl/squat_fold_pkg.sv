// SPDX-License-Identifier: Apache-2.0
// The sum over GF(2) that stands for a stretch of DDR the kernel itself writes: the exclusive or over its 16-byte words of fold(word, unit).
// unit: offset of the word in its buffer, in words, modulo 8. The order of the words does not matter, and bytes that are 0 are as good as
// not there. Any single wrong bit changes the sum; two cancel only on the same one of 32 places.
package squat_fold_pkg;
  function automatic logic [31:0] fold(input logic [127:0] word, input logic [2:0] unit);
    fold = word[31:0] ^ {word[62:32], word[63]} ^ {word[93:64], word[95:94]} ^ {word[124:96], word[127:125]};
    if (unit[0]) fold = {fold[27:0], fold[31:28]};
    if (unit[1]) fold = {fold[23:0], fold[31:24]};
    if (unit[2]) fold = {fold[15:0], fold[31:16]};
  endfunction

  // Only the bytes whose bit is set.
  function automatic logic [127:0] kept(input logic [127:0] word, input logic [15:0] bytes);
    for (int b = 0; b < 16; b++) kept[8*b +: 8] = bytes[b] ? word[8*b +: 8] : 8'd0;
  endfunction
endpackage
