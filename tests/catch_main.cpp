// SPDX-License-Identifier: Apache-2.0
// Catch2 2 wants its main defined once; version 3 brings its own library.
#ifndef SQUAT_CATCH2_V3
#define CATCH_CONFIG_MAIN
#endif
#include "tests/catch.hpp"
