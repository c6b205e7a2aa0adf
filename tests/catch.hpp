// SPDX-License-Identifier: Apache-2.0
// Catch2 2 and 3 through one include.
#pragma once

#ifdef SQUAT_CATCH2_V3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
