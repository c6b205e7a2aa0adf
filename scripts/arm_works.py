# SPDX-License-Identifier: Apache-2.0
"""What is counted: works of tests/arm/count_product.cpp, bars of instructions per multiply-add, and the rows of the table."""

SIZE = 512
GEMM_TOKENS = 16
POINTS = (64, 512)

# Kernel set: the cores that have its instructions.
KERNELS = {"neon": ("cortex-a53", "cortex-a76", "cortex-x3"), "dotprod": ("cortex-a76", "cortex-x3"), "i8mm": ("cortex-x3",)}

# Operation: (work, items one call makes, sizes n). The cost of an item is linear in n; host/arm_model reads these.
#   products: an item is a row of one token, n its columns; values: a channel of one token, n the positions; others: a call.
OPERATIONS = {
    "gemv4": ("product 4 512 {n} 1 0", SIZE, POINTS),
    "gemv4_four_bit": ("product 4 512 {n} 1 1", SIZE, POINTS),
    "gemv8": ("product 8 512 {n} 1 0", SIZE, POINTS),
    "gemm4": ("product 4 512 {n} 16 0", SIZE * GEMM_TOKENS, POINTS),
    "gemm4_four_bit": ("product 4 512 {n} 16 1", SIZE * GEMM_TOKENS, POINTS),
    "gemm8": ("product 8 512 {n} 16 0", SIZE * GEMM_TOKENS, POINTS),
    "values": ("values 64 {n} 1", 64, POINTS),
    "values_many": ("values 64 {n} 16", 64 * GEMM_TOKENS, POINTS),
    "norm": ("norm {n}", 1, POINTS),
    "layer_norm": ("layer_norm {n}", 1, POINTS),
    "rope": ("rope {n}", 1, (16, 64)),
    "softmax": ("softmax {n}", 1, POINTS),
    "silu": ("silu {n}", 1, POINTS),
    "gelu": ("gelu {n}", 1, POINTS),
    "requantize": ("requantize {n}", 1, POINTS),
    "residual": ("residual {n}", 1, POINTS),
    "cache": ("cache {n}", 1, (32, 128)),
}

# Whole passes of LLaMA-58M, which check the sum of the operations: (kernel set, work, bar in instructions or None).
PASSES = {
    "dotprod token": ("dotprod", "token 4", 9.5e6),
    "i8mm token": ("i8mm", "token 4", None),
    "neon token": ("neon", "token 4", None),
    "dotprod prompt": ("dotprod", "prompt 4", None),
    "i8mm prompt": ("i8mm", "prompt 4", None),
}

ALL = tuple(KERNELS["neon"])
# Rows of the table: (name, weights and activations, program and what it runs, cores, QEMU's processor, bars of GEMV and GEMM).
# "{tokens}" is 1 and GEMM_TOKENS.
ROWS = (
    ("paper's MKMP, 16-bit fields", "W4A8", ("product", "mkmp product 4 512 512 {tokens} 0"), ALL, "max", (None, None)),
    ("SMLAL (`neon`)", "W4A8", ("product", "neon product 4 512 512 {tokens} 0"), ALL, "max", (0.36, None)),
    ("byte MLA (`neon`)", "W4A4", ("product", "neon product 4 512 512 {tokens} 1"), ALL, "max", (0.29, None)),
    ("SMLAL (`neon`)", "W8A8", ("product", "neon product 8 512 512 {tokens} 0"), ALL, "max", (None, None)),
    ("SDOT (`dotprod`)", "W4A8", ("product", "dotprod product 4 512 512 {tokens} 0"), ALL[1:], "max", (0.145, 0.083)),
    ("SDOT (`dotprod`)", "W8A8", ("product", "dotprod product 8 512 512 {tokens} 0"), ALL[1:], "max", (None, None)),
    ("SMMLA, one token SDOT (`i8mm`)", "W4A8", ("product", "i8mm product 4 512 512 {tokens} 0"), ALL[2:], "max", (0.145, 0.053)),
    ("SMMLA, one token SDOT (`i8mm`)", "W8A8", ("product", "i8mm product 8 512 512 {tokens} 0"), ALL[2:], "max", (None, None)),
    ("gemmlowp", "W8A8", ("gemmlowp", "{tokens}"), ALL, "max", (None, None)),
    ("XNNPACK, ARMv8.0", "W8A8", ("xnnpack", "{tokens}"), ALL[:1], "cortex-a53", (None, None)),
    ("XNNPACK, dot product", "W8A8", ("xnnpack", "{tokens}"), ALL[1:], "cortex-a76", (None, None)),
    ("FP16 weights, FP32 sums", "FP16", ("product", "neon float_product 16 512 512 {tokens}"), ALL, "max", (None, None)),
    ("FP32", "FP32", ("product", "neon float_product 32 512 512 {tokens}"), ALL, "max", (None, None)),
)
