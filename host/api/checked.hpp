// SPDX-License-Identifier: Apache-2.0
// The border of the library: nothing but an Error leaves it.
#pragma once

#include <type_traits>

#include "host/model/error_in_flight.hpp"

namespace squat::api {

template <class F>
std::invoke_result_t<F> checked(F&& f) {
  try {
    return f();
  } catch (...) {
    throw error_in_flight();
  }
}

}  // namespace squat::api
