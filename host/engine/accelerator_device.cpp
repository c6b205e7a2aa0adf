// SPDX-License-Identifier: Apache-2.0
#include "host/engine/accelerator_device.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/engine/cache_image.hpp"
#include "host/engine/memory_check.hpp"
#include "host/engine/pass_rules.hpp"
#include "host/engine/status_block.hpp"
#include "host/engine/weight_packer.hpp"
#include "host/model/crc32.hpp"
#include "host/model/error.hpp"

namespace squat::engine {
namespace {

constexpr std::uint32_t kMaxCommands = 16384;

/// Rough cycles of a pass, for time limits only: weight beats, MAC steps at 256 a cycle, and vector work.
std::uint64_t expected_cycles(const WeightImage& image, const Pass& pass) {
  const std::uint64_t beats = image.units / 4;
  const std::uint64_t macs = std::uint64_t{image.units} * 32 * static_cast<std::uint64_t>(pass.shape.tokens) / 256;
  return 4 * (beats + macs) + 1000000;
}

/// The longest sequence whose every token fits the on-chip memories, decoded one by one.
int usable_context(const model::ModelConfig& config, const AcceleratorLimits& limits) {
  int context = std::min(config.max_positions, limits.max_context);
  while (context > 0 && !plan_buffers(config, limits, {1, context - 1})) --context;
  return context;
}

}  // namespace

AcceleratorDevice::AcceleratorDevice(const model::IntegerModel& m, std::unique_ptr<KernelLink> link, std::string name)
    : m_(m),
      link_(std::move(link)),
      name_(std::move(name)),
      context_(usable_context(m.config, link_->limits())),
      kv_(plan_kv(m.config, context_)),
      eight_before_(m.layers.size(), 0) {
  check_limits(m.config, link_->limits());
  if (context_ == 0) {
    const AcceleratorLimits limits = link_->limits();
    throw Error(ExitCode::kDeviceUnavailable,
                "one token of this model (hidden size " + std::to_string(m.config.hidden_size) + ", feed-forward size " +
                    std::to_string(m.config.intermediate_size) + ") does not fit the accelerator's on-chip memories (" +
                    std::to_string(limits.asram_depth) + " addresses of activations, " + std::to_string(limits.vsram_depth) +
                    " vector words); run it with --device cpu");
  }
  prepare();
}

void AcceleratorDevice::prepare() {
  WeightPacker packer(m_);
  place_biases(packer.image(), link_->limits());
  const int tokens = link_->limits().max_tokens;
  link_->prepare({packer.image().units, kv_.units, plan_io(m_.config, tokens, tokens, kMaxCommands).units, kMaxCommands},
                 [&packer](std::uint8_t* to) { packer.write(to); });
  image_ = std::move(packer.image());
}

bool AcceleratorDevice::reopen() {
  const AcceleratorLimits before = link_->limits();
  if (!link_->reopen()) return false;
  if (config_with(link_->limits()) != config_with(before)) {
    throw Error(ExitCode::kDeviceUnavailable, "the accelerator has other sizes than before it was opened anew; start again");
  }
  prepare();
  reset();
  return true;
}

void AcceleratorDevice::reset() {
  position_ = 0;
  std::fill(eight_before_.begin(), eight_before_.end(), 0U);
}

int AcceleratorDevice::longest_whole_pass() const { return longest_pass(m_.config, link_->limits(), {hls::kMaxChunk, 0}); }

bool AcceleratorDevice::set_profile(bool on) {
  if (on && link_->cycle_source().empty()) return false;
  profile_ = on;
  return true;
}

CachedLayer AcceleratorDevice::cached(int layer) {
  const auto bytes = [](std::uint32_t units) { return std::size_t{units} * 16; };
  const std::uint8_t* at = link_->read_cache({bytes(kv_.k(layer, 0)), bytes(kv_.layer_stride)});
  return unpack_cache(m_.config, kv_, at, position_);
}

PassResult AcceleratorDevice::run(const std::vector<int>& ids, RowRange rows) {
  check_pass(m_, position_, ids);
  const int tokens = static_cast<int>(ids.size());
  if (position_ + tokens > context_) {
    throw usage_error("position " + std::to_string(position_ + tokens) + " is beyond the accelerator's context of " +
                      std::to_string(context_) + " tokens; use a shorter prompt or fewer tokens");
  }
  PassResult result;
  result.tokens = tokens;
  result.rows = rows == RowRange::kAll ? tokens : 1;
  result.eight_tokens_per_layer.assign(m_.layers.size(), 0);
  result.counters = DeviceCounters{};
  for (int done = 0; done < tokens;) {
    const int part = longest_pass(m_.config, link_->limits(), {tokens - done, position_});
    if (part < tokens && m_.widths.activations == model::Activations::kMixed && ranks_whole_pass(m_.widths.rule)) {
      throw usage_error("the model's width rule ranks the whole pass of " + std::to_string(tokens) +
                        " tokens, but the accelerator takes " + std::to_string(part) + " at a time here; use the budget rule");
    }
    const bool last = done + part == tokens;
    run_pass(ids.data() + done, part, rows == RowRange::kAll ? part : (last ? 1 : 0), result);
    done += part;
  }
  return result;
}

void AcceleratorDevice::run_pass(const int* ids, int tokens, int logit_rows, PassResult& result) {
  link_->expect_run();
  const auto hidden = static_cast<std::size_t>(m_.config.hidden_size);
  const std::size_t rows_bytes = static_cast<std::size_t>(tokens) * hidden;
  const auto row_of = [hidden](const model::WeightCodes& codes, int row) {
    return reinterpret_cast<const std::uint8_t*>(codes.data()) + static_cast<std::size_t>(row) * hidden;
  };
  Pass pass{{tokens, position_}, logit_rows, eight_before_};
  for (int t = 0; t < tokens; ++t) {
    pass.embedding_crc = model::crc32(row_of(m_.embedding.codes, ids[t]), hidden, pass.embedding_crc);
  }
  if (m_.config.gpt2()) pass.positions_crc = model::crc32(row_of(m_.positions.codes, position_), rows_bytes);
  IoPlan io = plan_io(m_.config, tokens, logit_rows);
  const AcceleratorLimits limits = link_->limits();
  const Program program = compile_pass(m_, limits, image_, kv_, io, *plan_buffers(m_.config, limits, pass.shape), pass);
  const auto commands = static_cast<std::uint32_t>(program.records().size());
  if (profile_) io = plan_io(m_.config, tokens, logit_rows, commands);  // only the status block moves
  std::uint8_t* buffer = link_->io();
  for (int t = 0; t < tokens; ++t) {
    std::memcpy(buffer + std::size_t{io.embedding} * 16 + static_cast<std::size_t>(t) * hidden,
                row_of(m_.embedding.codes, ids[t]), hidden);
  }
  if (m_.config.gpt2()) std::memcpy(buffer + std::size_t{io.positions} * 16, row_of(m_.positions.codes, position_), rows_bytes);
  const std::size_t status_offset = std::size_t{io.status} * 16;
  const std::size_t row_bytes = std::size_t{io.logits_stride} * 16;
  KernelStart start;
  start.commands = &program.records();
  start.io_units = io.units;
  start.profile = io.profile;
  start.input = {std::size_t{io.embedding} * 16, rows_bytes * (m_.config.gpt2() ? 2 : 1)};
  start.outputs = {{status_offset, std::size_t{kStatusUnits} * 16}};
  start.continues = position_ > 0;
  start.cache_copies = std::min(static_cast<std::uint32_t>(m_.config.heads / m_.config.kv_heads), kSummedCopies);
  if (logit_rows > 0) {
    start.logits = {std::size_t{io.logits} * 16, static_cast<std::size_t>(logit_rows) * row_bytes};
    start.outputs.push_back(start.logits);
  }
  const std::size_t profile_offset = std::size_t{io.profile} * 16;
  if (profile_) start.outputs.push_back({profile_offset, std::size_t{commands} * kProfileUnits * 16});
  start.expected_cycles = expected_cycles(image_, pass);
  link_->run(start);

  const auto vocab = static_cast<std::size_t>(m_.config.vocab_size);
  for (int row = 0; row < logit_rows; ++row) {
    const std::size_t at = result.logits.size();
    result.logits.resize(at + vocab);
    std::memcpy(result.logits.data() + at, buffer + std::size_t{io.logits} * 16 + static_cast<std::size_t>(row) * row_bytes,
                vocab * 4);
  }
  const StatusBlock status = parse_status(buffer + status_offset);
  std::vector<std::uint32_t> eight(m_.layers.size(), 0);
  for (std::size_t l = 0; l < m_.layers.size(); ++l) {
    if (m_.widths.activations == model::Activations::kMixed) {
      eight[l] = status.eight_total[l] - eight_before_[l];
      eight_before_[l] = status.eight_total[l];
    } else if (m_.widths.activations == model::Activations::k8) {
      eight[l] = static_cast<std::uint32_t>(tokens);
    }
    result.eight_tokens_per_layer[l] += eight[l];
  }
  if (profile_) {
    const std::uint64_t cycles = status.counters.cycles;
    result.profiles.push_back({tokens, position_, cycles, eight,
                               parse_profile(buffer + profile_offset, program.records(), program.places(), cycles)});
  }
  DeviceCounters& sum = *result.counters;
  sum.cycles += status.counters.cycles;
  sum.mac_steps += status.counters.mac_steps;
  sum.read_beats += status.counters.read_beats;
  sum.write_beats += status.counters.write_beats;
  sum.weight_stall += status.counters.weight_stall;
  sum.drain_stall += status.counters.drain_stall;
  position_ += tokens;
}

}  // namespace squat::engine
