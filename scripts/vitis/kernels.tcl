# SPDX-License-Identifier: Apache-2.0
# The Vitis kernels: sources and test bench, relative to hls/kernels.
array set squat_sources {
  mkmp_gemm     {mkmp_gemm.cpp mkmp_array.cpp}
  tclm          {tclm.cpp}
  weight_reader {weight_reader.cpp}
}
array set squat_benches {
  mkmp_gemm     {mkmp_gemm_tb.cpp}
  tclm          {tclm_tb.cpp}
  weight_reader {weight_reader_tb.cpp}
}
