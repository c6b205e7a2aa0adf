# Kria KV260 starter kit: K26 module, 16 x 32 cells. xck26 has 64 UltraRAMs, the activation memory takes them.
PART := xck26-sfvc784-2LV-c
CONFIG := kv260
MEMORY := ultra
CLOCK_MHZ ?= 300
CLOCK_FLAGS = --clock.freqHz $(CLOCK_MHZ)000000:squat_kernel_1
APP := squat
