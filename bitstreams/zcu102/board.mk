# ZCU102: xczu9eg, 16 x 32 cells. It has no UltraRAM, so the activation memory goes into block RAM.
PART := xczu9eg-ffvb1156-2-e
CONFIG := kv260
MEMORY := block
CLOCK_MHZ ?= 300
CLOCK_FLAGS = --clock.freqHz $(CLOCK_MHZ)000000:squat_kernel_1
SD_CARD := 1
