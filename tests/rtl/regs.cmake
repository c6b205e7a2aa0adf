squat_verilate(squat_rtl_regs TOP squat_axil_regs SOURCES gen/squat_spec_pkg.sv rtl/squat_axil_regs.sv)
squat_test(rtl_regs_test LABELS rtl SOURCES regs_test.cpp LIBRARIES squat_rtl_regs)
