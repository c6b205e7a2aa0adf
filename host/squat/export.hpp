// SPDX-License-Identifier: Apache-2.0
// SQUAT_API: what the shared library shows; everything else in it is hidden.
#pragma once

#define SQUAT_API __attribute__((visibility("default")))
