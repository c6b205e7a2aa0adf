# Alveo U250: xcu250, 16 x 32 cells in one super logic region beside one DDR4 bank. Its platform scales the kernel clock.
PART := xcu250-figd2104-2L-e
CONFIG := kv260
MEMORY := ultra
CLOCK_MHZ ?= 300
PLATFORM ?= xilinx_u250_gen3x16_xdma_4_1_202210_1
CLOCK_FLAGS = --kernel_frequency $(CLOCK_MHZ)
