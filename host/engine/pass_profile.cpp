// SPDX-License-Identifier: Apache-2.0
#include "host/engine/pass_profile.hpp"

#include <cstring>
#include <string>

#include "host/model/error.hpp"

namespace squat::engine {

std::vector<CommandProfile> parse_profile(const std::uint8_t* bytes, const std::vector<spec::Record>& commands,
                                          const std::vector<Place>& places, std::uint64_t cycles) {
  std::vector<CommandProfile> profile;
  profile.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    spec::Record r;
    std::memcpy(r.data(), bytes + 64 * i, 64);
    CommandProfile c;
    c.place = places[i];
    c.opcode = spec::get(r, spec::kProfileOpcode);
    c.unit = spec::get(r, spec::kProfileUnit);
    c.start = spec::get(r, spec::kProfileStart);
    c.end = spec::get(r, spec::kProfileEnd);
    if (spec::get(r, spec::kProfileIndex) != i || c.opcode != spec::get(commands[i], spec::kCmdOpcode) ||
        c.unit != spec::get(commands[i], spec::kCmdUnit) || c.end <= c.start || c.end > cycles) {
      throw Error(ExitCode::kDeviceFailed, "the accelerator's profile record of command " + std::to_string(i) + " of " +
                                               std::to_string(commands.size()) +
                                               " is not that of the command: it was not written. Run squat doctor, then try "
                                               "again without --profile");
    }
    c.busy = spec::get(r, spec::kProfileBusy);
    c.first = spec::get(r, spec::kProfileFirst);
    c.last = spec::get(r, spec::kProfileLast);
    c.weight_stall = spec::get(r, spec::kProfileWeightStall);
    c.drain_stall = spec::get(r, spec::kProfileDrainStall);
    c.read_beats = spec::get(r, spec::kProfileReadBeats);
    c.write_beats = spec::get(r, spec::kProfileWriteBeats);
    c.eight_tokens = spec::get(r, spec::kProfileEightTokens);
    c.four_tokens = spec::get(r, spec::kProfileFourTokens);
    profile.push_back(c);
  }
  return profile;
}

}  // namespace squat::engine
