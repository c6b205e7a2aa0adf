// SPDX-License-Identifier: Apache-2.0
#include "host/engine/command.hpp"

#include <algorithm>
#include <string>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"

namespace squat::engine {

Command::Command(std::uint32_t opcode, std::uint32_t unit) { set(spec::kCmdOpcode, opcode).set(spec::kCmdUnit, unit); }

Command& Command::set(spec::Field field, std::uint64_t value) {
  if (value > spec::field_max(field)) {
    throw Error(ExitCode::kInternal, "command opcode " + std::to_string(spec::get(record_, spec::kCmdOpcode)) + ": value " +
                                         std::to_string(value) + " does not fit the " + std::to_string(field.width) +
                                         "-bit field at word " + std::to_string(field.word) + ", bit " +
                                         std::to_string(field.lsb));
  }
  spec::put(record_, field, static_cast<std::uint32_t>(value));
  return *this;
}

Event Program::emit(Command command, std::initializer_list<Event> after) {
  constexpr std::array<spec::Field, 4> kWait{spec::kCmdWaitLoad, spec::kCmdWaitGemm, spec::kCmdWaitVec, spec::kCmdWaitIo};
  std::array<std::uint32_t, 4> counts{};
  for (const Event& event : after) counts[event.unit] = std::max(counts[event.unit], event.count);
  // A unit works in order, so a wait for nothing (0) stays valid only while fewer than 2^15 commands are behind it.
  for (std::size_t unit = 0; unit < kWait.size(); ++unit) {
    if (counts[unit] == 0 && issued_[unit] >= 0x4000) counts[unit] = issued_[unit] - 0x4000;
    command.set(kWait[unit], counts[unit] & 0xffffU);
  }
  spec::Record record = command.record();
  spec::put(record, spec::kCmdRecordCrc, model::crc32(reinterpret_cast<const std::uint8_t*>(record.data()), sizeof(record)));
  records_.push_back(record);
  places_.push_back(place_);
  return Event{command.unit(), ++issued_[command.unit()]};
}

}  // namespace squat::engine
