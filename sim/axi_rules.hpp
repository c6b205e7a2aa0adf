// SPDX-License-Identifier: Apache-2.0
// The AXI rules every simulated run is checked against. The number of a rule is its place in this list.
#pragma once

#include <array>

namespace squat::sim {

enum class AxiRule : unsigned {
  kNone,
  kArValid,
  kArPayload,
  kArBurst,
  kArSize,
  kArAligned,
  kAr4K,
  kArLength,
  kRValid,
  kRPayload,
  kRLast,
  kRUnasked,
  kRResp,
  kAwValid,
  kAwPayload,
  kAwBurst,
  kAwSize,
  kAwAligned,
  kAw4K,
  kAwLength,
  kWValid,
  kWPayload,
  kWLast,
  kBValid,
  kBPayload,
  kBUnasked,
  kBResp,
  kReset,
  kUnfinished,
  kCount
};

/// Text of a rule, indexed by its number.
constexpr std::array<const char*, static_cast<unsigned>(AxiRule::kCount)> kAxiRuleText = {
    "no rule",
    "ARVALID stays high until ARREADY",
    "the read address does not change while it waits",
    "read bursts are INCR",
    "a read beat is as wide as the port",
    "read addresses are aligned to a beat",
    "a read burst does not cross a 4 KiB boundary",
    "a read burst is not longer than the design allows",
    "RVALID stays high until RREADY",
    "read data, RLAST and RRESP do not change while they wait",
    "RLAST marks the last beat of a burst and no other",
    "read data come only after a request",
    "RRESP is OKAY, SLVERR or DECERR",
    "AWVALID stays high until AWREADY",
    "the write address does not change while it waits",
    "write bursts are INCR",
    "a write beat is as wide as the port",
    "write addresses are aligned to a beat",
    "a write burst does not cross a 4 KiB boundary",
    "a write burst is not longer than the design allows",
    "WVALID stays high until WREADY",
    "write data, WSTRB and WLAST do not change while they wait",
    "WLAST marks the last beat of a burst and no other",
    "BVALID stays high until BREADY",
    "BRESP does not change while it waits",
    "a write response comes only after address and all data",
    "BRESP is OKAY, SLVERR or DECERR",
    "no valid signal is high during reset",
    "a finished run has no transaction in flight",
};

}  // namespace squat::sim
