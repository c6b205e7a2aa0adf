// SPDX-License-Identifier: Apache-2.0
// The headers of XRT 2.13 to 2.16 and later; CMake looks for what lies where (host/backends/xrt/CMakeLists.txt).
#pragma once

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#ifdef SQUAT_XRT_XCLBIN_HEADER
#include <xrt/xrt_xclbin.h>
#else
#include <experimental/xrt_xclbin.h>
#endif

#ifdef SQUAT_XRT_HW_CONTEXT
#include <xrt/xrt_hw_context.h>
#endif
