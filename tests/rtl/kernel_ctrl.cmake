file(STRINGS ${PROJECT_SOURCE_DIR}/hw/rtl/squat_kernel.f squat_kernel_sources)
squat_verilate(squat_rtl_kernel TOP squat_kernel SOURCES ${squat_kernel_sources})
squat_test(rtl_kernel_ctrl_test LABELS rtl SOURCES kernel_ctrl_test.cpp kernel_faults_test.cpp kernel_profile_test.cpp LIBRARIES squat_rtl_kernel)
