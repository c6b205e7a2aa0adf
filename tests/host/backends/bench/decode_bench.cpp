// SPDX-License-Identifier: Apache-2.0
// Decoding of LLaMA-58M against reading the same bytes with plain vector loads, alternating in one run.
// squat_cpu_bench [KERNEL [THREADS [ROUNDS]]]: all products of a token, and whole tokens at context 128, from the second-level
// cache, from the last-level cache and from memory. Times are medians over rounds; noise of other programs hits both alike.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/host/backends/bench/decode_work.hpp"
#include "tests/host/backends/bench/peers.hpp"

using namespace squat;
using namespace squat::backends;
using namespace squat::bench;

namespace {

constexpr int kContext = 128;
constexpr int kCopies = 8;  ///< of the weights: more than any last-level cache holds of them

/// Prints what work and reading took, medians and the fastest rounds, with their ratios.
void print(const char* what, double bytes, const std::vector<double>& work_ms, const std::vector<double>& read_ms) {
  const double w = median(work_ms), r = median(read_ms);
  const double fast_w = *std::min_element(work_ms.begin(), work_ms.end());
  const double fast_r = *std::min_element(read_ms.begin(), read_ms.end());
  std::printf("%-46s %6.2f MB  median %8.4f ms / %8.4f ms (%5.1f GB/s) = %4.2f  fastest %8.4f / %8.4f = %4.2f\n", what,
              bytes * 1e-6, w, r, bytes * 1e-6 / r, w / r, fast_w, fast_r, fast_w / fast_r);
}

/// Times `work` and `read` in turn, `calls` calls each.
void compare(const char* what, double bytes, int rounds, int calls, const std::function<void()>& work,
             const std::function<void()>& read) {
  std::vector<double> work_ms, read_ms;
  const auto timed = [&](const std::function<void()>& call) {
    return milliseconds([&] {
             for (int c = 0; c < calls; ++c) call();
           }) /
           calls;
  };
  timed(work);  // warm-up
  for (int i = 0; i < rounds; ++i) {
    work_ms.push_back(timed(work));
    read_ms.push_back(timed(read));
  }
  print(what, bytes, work_ms, read_ms);
}

void products(const model::IntegerModel& m, const cpu::KernelSet& set, int threads, int rounds) {
  cpu::ThreadPool pool(threads);
  Products products(set, pool);
  std::vector<std::unique_ptr<cpu::PackedModel>> copies;
  for (int i = 0; i < kCopies; ++i) copies.push_back(std::make_unique<cpu::PackedModel>(m, set));
  const cpu::PackedLayer& first = copies[0]->layers[0];
  const auto compare_jobs = [&](const char* what, const Jobs& all, int calls) {
    compare(
        what, bytes_of(all), rounds, calls, [&] { products.multiply(all); }, [&] { products.read(all); });
  };
  compare_jobs("products, second-level cache (Q, K, V, O)", {{&first.q, &first.k, &first.v}, {&first.o}}, 200);
  compare_jobs("products, last-level cache (8 layers)", all_jobs(*copies[0], 8, false), 10);
  std::vector<Jobs> all;
  for (const auto& copy : copies) all.push_back(all_jobs(*copy, m.layers.size(), true));
  // Separate turns, so that neither finds what the other just read.
  int turn = 0;
  compare(
      "products, memory (a whole token)", bytes_of(all[0]), rounds, kCopies,
      [&] { products.multiply(all[static_cast<std::size_t>(turn++ % kCopies)]); },
      [&] { products.read(all[static_cast<std::size_t>(turn++ % kCopies)]); });
  if (threads > 1) return;
  std::vector<Shape> shapes;
  for (const auto& job : all[0]) {
    for (const cpu::PackedMatrix* w : job) shapes.push_back({w->rows, w->cols});
  }
  for (const Peer& peer : peers(shapes, kCopies)) {
    const std::size_t words = static_cast<std::size_t>(peer.bytes) / sizeof(std::uint64_t);
    const std::vector<std::uint64_t> weights(kCopies * words, 1);
    compare((peer.name + ", memory (a whole token)").c_str(), peer.bytes, rounds, kCopies,
            [&] { peer.token(turn++ % kCopies); },
            [&] { sink = set.units().read(weights.data() + static_cast<std::size_t>(turn++ % kCopies) * words, words); });
  }
}

/// Whole tokens at context 128 on `copies` devices in turn, against reading their weights and the cached keys and values.
void tokens(const char* what, const model::IntegerModel& m, const CpuOptions& options, int rounds, int copies) {
  const cpu::KernelSet& set = cpu::choose_kernels(options.kernel);
  cpu::ThreadPool pool(options.threads);
  Products reader(set, pool);
  std::vector<std::unique_ptr<CpuDevice>> devices;
  std::vector<std::unique_ptr<cpu::PackedModel>> weights;  // the same bytes elsewhere, for reading
  for (int i = 0; i < copies; ++i) {
    devices.push_back(std::make_unique<CpuDevice>(m, options));
    weights.push_back(std::make_unique<cpu::PackedModel>(m, set));
  }
  const std::size_t cache =
      static_cast<std::size_t>(m.config.layers) * static_cast<std::size_t>(m.config.kv_size()) * 2 * kContext;
  const std::vector<std::uint64_t> cache_words(cache / sizeof(std::uint64_t));
  const std::vector<int> prompt(kContext, 1), token(1, 2);
  const auto decode = [&](CpuDevice& device) {
    sink = static_cast<std::uint64_t>(device.run(token, engine::RowRange::kLast).logits[0]);
  };
  const auto read = [&](const cpu::PackedModel& copy) {
    reader.read(all_jobs(copy, m.layers.size(), true));
    sink = set.units().read(cache_words.data(), cache_words.size());
  };
  std::vector<double> work_ms, read_ms;
  for (int i = 0; i < rounds; ++i) {
    for (auto& device : devices) {
      device->reset();
      device->run(prompt, engine::RowRange::kLast);
    }
    if (copies == 1) decode(*devices[0]);  // brings everything into the cache again
    work_ms.push_back(milliseconds([&] {
                        for (auto& device : devices) decode(*device);
                      }) /
                      copies);
    if (copies == 1) read(*weights[0]);
    read_ms.push_back(milliseconds([&] {
                        for (const auto& copy : weights) read(*copy);
                      }) /
                      copies);
  }
  print(what, static_cast<double>(devices[0]->weight_bytes() + cache), work_ms, read_ms);
}

int run(int argc, char** argv) {
  const std::string kernel = argc > 1 ? argv[1] : "auto";
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1, rounds = argc > 3 ? std::atoi(argv[3]) : 21;
  if (threads < 1 || threads > 256 || rounds < 1) throw usage_error("usage: squat_cpu_bench [KERNEL [THREADS [ROUNDS]]]");
  const cpu::KernelSet& set = cpu::choose_kernels(kernel);
  std::printf("kernel %s, threads %d, caches %ld KiB (second level), %ld KiB (last level)\n", set.name, threads,
              ::sysconf(_SC_LEVEL2_CACHE_SIZE) / 1024, ::sysconf(_SC_LEVEL3_CACHE_SIZE) / 1024);
  model::ModelConfig config = quantize::shape_config("llama-58m");
  model::WidthPolicy widths;
  const model::IntegerModel m = quantize::random_model(config, 4, widths, 0);
  products(m, set, threads, rounds);
  tokens("whole token, memory", m, {kernel, threads}, rounds, kCopies);
  config.layers = 4;
  config.vocab_size = 2000;
  tokens("whole token, last-level cache (4 layers, 2000)", quantize::random_model(config, 4, widths, 0), {kernel, threads},
         rounds, 1);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_bench(run, argc, argv); }
