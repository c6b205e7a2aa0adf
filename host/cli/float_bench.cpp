// SPDX-License-Identifier: Apache-2.0
#include "host/cli/float_bench.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "hls/softmax.hpp"
#include "host/backends/cpu/float_baseline.hpp"
#include "host/cli/roofline.hpp"
#include "host/cli/times.hpp"
#include "host/quantize/random_float_model.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
using Ids = std::vector<int>;

/// One pass after `first` tokens: every weight and every cached key and value once, and the products of causal attention.
Work work_of(const backends::cpu::FloatBaseline& baseline, int first, int tokens) {
  const model::ModelConfig& c = baseline.config();
  const double head = static_cast<double>(c.vocab_size) * c.hidden_size;
  const double weights = static_cast<double>(baseline.weight_bytes()) / 2.0 - head;
  const double keys = static_cast<double>(tokens) * first + tokens * (tokens + 1.0) / 2.0;
  Work work;
  work.macs8 = weights * tokens + head + 2.0 * c.layers * c.q_size() * keys;
  work.bytes = static_cast<double>(baseline.weight_bytes()) + 2.0 * sizeof(float) * c.layers * c.kv_size() * first;
  return work;
}

}  // namespace

Json measure_float(const model::ModelConfig& config, const std::string& shape, const MeasureOptions& options, int threads,
                   const std::function<void(int done, int total)>& progress) {
  backends::cpu::FloatBaseline baseline(quantize::random_float_model(config, options.seed), backends::cpu::FloatWidth::kHalf,
                                        threads);
  std::mt19937 random(options.seed);
  Ids ids;
  for (int i = 0; i < options.prefill + options.decode; ++i) {
    ids.push_back(static_cast<int>(random() % static_cast<std::uint32_t>(config.vocab_size)));
  }
  std::vector<double> prefill, decode;
  const auto timed = [](std::vector<double>& times, const auto& passes) {
    const auto start = Clock::now();
    passes();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  };
  const auto run = [&] {
    baseline.reset();
    timed(prefill, [&] {
      for (int at = 0; at < options.prefill; at += hls::kMaxChunk) {
        baseline.run(Ids(ids.begin() + at, ids.begin() + std::min(at + hls::kMaxChunk, options.prefill)));
      }
    });
    progress(options.prefill, static_cast<int>(ids.size()));
    timed(decode, [&] {
      for (int i = options.prefill; i < options.prefill + options.decode; ++i) {
        baseline.run({ids[static_cast<std::size_t>(i)]});
        progress(i + 1, static_cast<int>(ids.size()));
      }
    });
  };
  run();  // warm-up
  prefill.clear();
  decode.clear();
  const auto start = Clock::now();
  do run();
  while (prefill.size() < 3 || Clock::now() - start < std::chrono::duration<double>(options.seconds));

  Json rows = Json::array();
  const auto add_row = [&](const char* phase, const std::vector<double>& times, int first, int tokens, int chunk) {
    Json row = {{"device", "cpu"},
                {"shape", shape},
                {"phase", phase},
                {"weight_bits", 16},
                {"activations", "16"},
                {"rho", nullptr},
                {"eight_bit_share", nullptr},
                {"tokens", tokens},
                {"context", first}};
    add_times(row, times, tokens, "measured");
    if (options.limit) {
      Work work;
      int passes = 0;
      for (int at = 0; at < tokens; at += chunk, ++passes) work += work_of(baseline, first + at, std::min(chunk, tokens - at));
      add_roofline(row, work, passes, tokens, *options.limit);
    }
    rows.push_back(std::move(row));
  };
  add_row("prefill", prefill, 0, options.prefill, hls::kMaxChunk);
  if (options.decode > 0) add_row("decode", decode, options.prefill, options.decode, 1);
  return rows;
}

}  // namespace squat::cli
