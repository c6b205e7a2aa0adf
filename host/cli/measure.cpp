// SPDX-License-Identifier: Apache-2.0
#include "host/cli/measure.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "host/cli/modelled.hpp"
#include "host/cli/times.hpp"
#include "host/engine/sequence.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// Totals of one phase.
struct Phase {
  explicit Phase(const char* phase_name) : name(phase_name) {}
  const char* name;
  std::vector<double> milliseconds;  ///< per run, all its tokens
  engine::EightBitShare share;
  double cycles = 0;
  Work work;  ///< of one run
  int passes = 0;
  double moved_bytes = 0;  ///< read and written by an accelerator's ports
  ModelledPhase modelled;
};

class Bench {
 public:
  Bench(const OpenDevice& opened, const std::string& shape, const MeasureOptions& options,
        const std::function<void(int done, int total)>& progress)
      : device_(*opened.device), opened_(opened), shape_(shape), options_(options), progress_(progress) {
    std::mt19937 random(options.seed);
    const auto vocab = static_cast<std::uint32_t>(device_.model().config.vocab_size);
    for (int i = 0; i < options.prefill + options.decode; ++i) ids_.push_back(static_cast<int>(random() % vocab));
  }

  Json rows() {
    Phase prefill("prefill"), decode("decode");
    const bool measured = opened_.source == "measured";
    if (measured) {
      Phase warm_prefill("prefill"), warm_decode("decode");
      run(warm_prefill, warm_decode);
      take_work(prefill, warm_prefill);
      take_work(decode, warm_decode);
    }
    report_ = true;
    gather_ = !measured;  // a measured device's work is that of its warm-up, outside the times
    const auto start = Clock::now();
    do {
      run(prefill, decode);
      report_ = false;
    } while (measured &&
             (prefill.milliseconds.size() < 3 || Clock::now() - start < std::chrono::duration<double>(options_.seconds)));
    Json result = Json::array();
    const auto add_rows = [&](const arm_model::Core* core) {
      result.push_back(row(prefill, options_.prefill, 0, core));
      if (options_.decode > 0) result.push_back(row(decode, options_.decode, options_.prefill, core));
    };
    if (opened_.source == "modelled") {
      for (const arm_model::Core& core : arm_model::cores()) add_rows(&core);
    } else {
      add_rows(nullptr);
    }
    return result;
  }

 private:
  void run(Phase& prefill, Phase& decode) {
    device_.reset();
    const std::vector<int> prompt(ids_.begin(), ids_.begin() + options_.prefill);
    timed(prefill, [&] { pass(prefill, prompt); });
    progress_(options_.prefill, static_cast<int>(ids_.size()));
    timed(decode, [&] {
      for (int i = options_.prefill; i < options_.prefill + options_.decode; ++i) {
        pass(decode, {ids_[static_cast<std::size_t>(i)]});
        progress_(i + 1, static_cast<int>(ids_.size()));
      }
    });
  }

  static void take_work(Phase& to, const Phase& from) {
    to.work = from.work;
    to.passes = from.passes;
    to.moved_bytes = from.moved_bytes;
  }

  template <typename Passes>
  void timed(Phase& phase, const Passes& passes) {
    const auto start = Clock::now();
    passes();
    phase.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }

  void pass(Phase& phase, const std::vector<int>& ids) {
    int position = device_.position();
    engine::run_in_chunks(device_, ids, hls::kMaxChunk, engine::RowRange::kLast, [&](const engine::PassResult& result) {
      phase.share.add(result);
      if (report_ && options_.each_pass) options_.each_pass(phase.name, result);
      if (gather_) {
        phase.work += work_of_pass(device_.model(), position, result.tokens, result.eight_tokens_per_layer);
        ++phase.passes;
      }
      if (opened_.source == "modelled") phase.modelled.add(device_.model(), position, result);
      if (result.counters) {
        phase.cycles += static_cast<double>(result.counters->cycles);
        if (gather_)
          phase.moved_bytes += 16.0 * static_cast<double>(result.counters->read_beats + result.counters->write_beats);
      }
      position += result.tokens;
    });
  }

  /// core: what a modelled row is of.
  Json row(const Phase& phase, int tokens, int context, const arm_model::Core* core) const {
    const model::IntegerModel& m = device_.model();
    Json json = {{"device", device_.name()},
                 {"shape", shape_},
                 {"phase", phase.name},
                 {"weight_bits", m.weight_bits},
                 {"activations", model::activations_name(m.widths.activations)},
                 {"rho", model::rho_of(m.widths)},
                 {"eight_bit_share", phase.share.value()},
                 {"tokens", tokens},
                 {"context", context}};
    if (options_.limit && !opened_.config.empty()) json["config"] = opened_.config;
    if (opened_.source == "rtl-simulated" || opened_.source == "estimated") {
      json["ms_per_token"] = phase.cycles / (opened_.clock_mhz * 1e3) / tokens;
      json["source"] = opened_.source;
      json["cycles"] = static_cast<std::uint64_t>(phase.cycles);
      json["clock_mhz"] = opened_.clock_mhz;
      json["clock_source"] = "assumed";
      json["mac_utilisation"] = ideal_mac_cycles(phase.work, opened_.limits.cells()) / phase.cycles;
      json["bandwidth_utilisation"] = ideal_memory_cycles(phase.work, opened_.limits.bytes_per_cycle()) / phase.cycles;
      add_limit(json, phase, tokens);
      return json;
    }
    if (core != nullptr) {
      phase.modelled.describe(json, *core, tokens, options_.threads);
    } else {
      add_times(json, phase.milliseconds, tokens, opened_.source);
    }
    add_limit(json, phase, tokens);
    return json;
  }

  void add_limit(Json& json, const Phase& phase, int tokens) const {
    if (!options_.limit) return;
    add_roofline(json, phase.work, phase.passes, tokens, *options_.limit);
    if (phase.moved_bytes > 0) json["moved_bytes_per_token"] = phase.moved_bytes / tokens;
  }

  engine::Device& device_;
  const OpenDevice& opened_;
  std::string shape_;
  MeasureOptions options_;
  std::function<void(int done, int total)> progress_;
  std::vector<int> ids_;
  bool report_ = false, gather_ = true;
};

}  // namespace

Json measure(const OpenDevice& opened, const std::string& shape, const MeasureOptions& options,
             const std::function<void(int done, int total)>& progress) {
  return Bench(opened, shape, options, progress).rows();
}

}  // namespace squat::cli
