// SPDX-License-Identifier: Apache-2.0
// Command records with range-checked fields, and the program of one pass with its token-counted dependencies.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hls/requantize.hpp"
#include "host/engine/command_role.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::engine {

/// One 64-byte record under construction.
class Command {
 public:
  Command(std::uint32_t opcode, std::uint32_t unit);

  /// Throws squat::Error (internal) when the value does not fit the field: a bug of the compiler, never user data.
  Command& set(spec::Field field, std::uint64_t value);
  Command& set(spec::Field m, spec::Field s, hls::Requant r) { return set(m, r.m).set(s, r.s); }

  std::uint32_t unit() const { return spec::get(record_, spec::kCmdUnit); }
  const spec::Record& record() const { return record_; }

 private:
  spec::Record record_{};
};

/// "The n-th command of a unit has completed."
struct Event {
  std::uint32_t unit = 0;
  std::uint32_t count = 0;  ///< 0: nothing to wait for
};

/// The commands of one kernel start, in issue order.
class Program {
 public:
  /// Appends a command that starts when all `after` events have happened, with its CRC; returns the event of its completion.
  Event emit(Command command, std::initializer_list<Event> after = {});

  /// What the commands emitted from here on are for.
  void at(Place place) { place_ = place; }

  const std::vector<spec::Record>& records() const { return records_; }
  /// Of each record.
  const std::vector<Place>& places() const { return places_; }

 private:
  std::array<std::uint32_t, 4> issued_{};
  std::vector<spec::Record> records_;
  std::vector<Place> places_;
  Place place_;
};

}  // namespace squat::engine
