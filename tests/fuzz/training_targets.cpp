// SPDX-License-Identifier: Apache-2.0
// Readers of the trainer: texts, token files, checkpoints.
#include <stdexcept>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "qat/checkpoint/state_file.hpp"
#include "qat/data/text_lines.hpp"
#include "qat/data/token_file.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/fuzz/toy_state.hpp"

namespace squat::fuzz {

void text(const std::string& bytes) {
  const MemoryFile memory(bytes);
  std::uint64_t lines = 0;
  const qat::TextInfo info = qat::for_each_line(memory.path(), [&lines](const std::string& line) {
    ++lines;
    if (line.empty() || line.size() > qat::kLongestLine) throw std::logic_error("a line of an impossible length");
  });
  if (info.lines != lines || info.bytes != bytes.size() ||
      info.crc != model::crc32(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))
    throw std::logic_error("the text's figures are wrong");
}

void token_file(const std::string& bytes) {
  const MemoryFile memory(bytes);
  const qat::TokenFile file(memory.path());
  std::vector<std::int32_t> ids(64);
  for (std::uint64_t at = 0; at < file.size(); at += ids.size()) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(ids.size(), file.size() - at));
    file.read(at, count, ids.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (ids[i] < 0 || static_cast<std::uint32_t>(ids[i]) >= file.info().vocabulary) throw std::logic_error("an id outside");
    }
  }
}

void checkpoint(const std::string& bytes) {
  const MemoryFile memory(bytes);
  ToyState run;
  qat::read_state_file(memory.path(), run.parameters, run.optimiser, run.state);
}

}  // namespace squat::fuzz
