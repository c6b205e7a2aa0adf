// SPDX-License-Identifier: Apache-2.0
// What more threads gain: one thread and THREADS in turn, in one run. squat_cpu_scaling [KERNEL [THREADS [ROUNDS]]].
// Products of LLaMA-58M's layers, whole tokens and a prompt, and plain loads of the same bytes. A rented machine's processors
// may be two halves of one core, or be lent to others: arithmetic in registers, timed before and after each round, tells. A
// round counts as free when that gains nine tenths of the threads. Nor are they always neighbours: what a message to the other
// processor and back takes is timed in every round too. A job costs at least that.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/host/backends/bench/decode_work.hpp"

using namespace squat;
using namespace squat::backends;
using namespace squat::bench;

namespace {

constexpr int kContext = 128;
constexpr int kCopies = 8;  ///< of the weights: more than any last-level cache holds of them

struct Settings {
  std::string kernel = "auto";
  int threads = 2, rounds = 21;
};

/// Multiplications in registers, as many per cycle as a core does: no memory, nothing that threads share but the core.
class Arithmetic {
 public:
  explicit Arithmetic(int threads) : pool_(threads) {}

  double ms() {
    const auto multiply_all = [&] { pool_.run([](int share, int shares) { multiply(kRounds / shares, share); }); };
    multiply_all();  // wakes the threads
    return milliseconds(multiply_all);
  }

 private:
  static constexpr int kRounds = 100000;

  static void multiply(int rounds, int seed) {
    std::uint64_t a[6];
    for (int k = 0; k < 6; ++k) a[k] = static_cast<std::uint64_t>(seed + k) * 2 + 1;
    for (int i = 0; i < rounds; ++i) {
      for (std::uint64_t& chain : a) chain *= 6364136223846793005u;
    }
    sink = a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5];
  }

  cpu::ThreadPool pool_;
};

/// Microseconds in which a number goes to another thread and comes back.
double message_us() {
  constexpr int kMessages = 1000;
  alignas(64) std::atomic<int> number{0};  // odd: sent; even: sent back
  const auto pass_on = [&number](int from) {
    for (int n = from; n < 2 * kMessages + from; n += 2) {
      while (number.load(std::memory_order_acquire) != n) {
      }
      number.store(n + 1, std::memory_order_release);
    }
  };
  std::thread other(pass_on, 1);
  number.store(1, std::memory_order_release);
  const double ms = milliseconds([&] { pass_on(2); });
  other.join();
  return ms * 1e3 / kMessages;
}

/// The ratios of the rounds in which the processors were free, or of all.
struct Ratios {
  std::vector<double> one_ms, more_ms, ratio;

  void add(double one, double more) {
    one_ms.push_back(one);
    more_ms.push_back(more);
    ratio.push_back(one / more);
  }
  void print(const char* when) const {
    if (ratio.empty()) {
      std::printf("  %-12s none", when);
    } else {
      std::printf("  %-12s %2zu: %8.4f / %8.4f ms = %4.2f", when, ratio.size(), median(one_ms), median(more_ms), median(ratio));
    }
  }
};

/// Times one(i) and more(i), 0 < i <= calls, in turn. `prepare` and call 0, which wakes the threads, run before each, untimed.
template <typename One, typename More, typename Prepare>
void compare(const char* what, const Settings& s, int calls, const One& one, const More& more, const Prepare& prepare) {
  Arithmetic single(1), several(s.threads);
  Ratios free, all, arithmetic;
  std::vector<double> messages;
  const auto timed = [&](const auto& call) {
    prepare();
    call(0);
    return milliseconds([&] {
             for (int i = 1; i <= calls; ++i) call(i);
           }) /
           calls;
  };
  timed(one);  // warm-up
  timed(more);
  for (int i = 0; i < s.rounds; ++i) {
    arithmetic.add(single.ms(), several.ms());
    messages.push_back(message_us());
    const double one_ms = timed(one), more_ms = timed(more);
    const double after = single.ms() / several.ms();
    all.add(one_ms, more_ms);
    if (std::min(after, arithmetic.ratio.back()) >= 0.9 * s.threads) free.add(one_ms, more_ms);
  }
  std::printf("%-48s", what);
  free.print("free rounds");
  all.print("all rounds");
  std::printf("  (arithmetic %4.2f, message %.2f us)\n", median(arithmetic.ratio), median(messages));
}

void products(const model::IntegerModel& m, const Settings& s) {
  const cpu::KernelSet& set = cpu::choose_kernels(s.kernel);
  cpu::ThreadPool single(1), pool(s.threads);
  Products one(set, single), more(set, pool);
  std::vector<cpu::PackedModel> copies;
  for (int i = 0; i < kCopies; ++i) copies.emplace_back(m, set);
  const auto nothing = [] {};
  const Jobs layers = all_jobs(copies[0], 8, false);
  compare(
      "products, last-level cache (8 layers)", s, 10, [&](int) { one.multiply(layers); }, [&](int) { more.multiply(layers); },
      nothing);
  compare(
      "  reading their bytes", s, 10, [&](int) { one.read(layers); }, [&](int) { more.read(layers); }, nothing);
  std::vector<Jobs> all;
  for (const cpu::PackedModel& copy : copies) all.push_back(all_jobs(copy, m.layers.size(), true));
  const auto copy = [&](int i) -> const Jobs& { return all[static_cast<std::size_t>(i % kCopies)]; };
  compare(
      "products, memory (a whole token)", s, kCopies, [&](int i) { one.multiply(copy(i)); },
      [&](int i) { more.multiply(copy(i)); }, nothing);
  compare(
      "  reading their bytes", s, kCopies, [&](int i) { one.read(copy(i)); }, [&](int i) { more.read(copy(i)); }, nothing);
}

/// `device` after a prompt of kContext tokens.
void prefill(CpuDevice& device) {
  device.reset();
  sink = static_cast<std::uint64_t>(device.run(std::vector<int>(kContext, 1), engine::RowRange::kLast).logits[0]);
}

void decode(CpuDevice& device) {
  static const std::vector<int> token(1, 2);
  sink = static_cast<std::uint64_t>(device.run(token, engine::RowRange::kLast).logits[0]);
}

void tokens(const char* what, const model::IntegerModel& m, const Settings& s, int copies, int calls) {
  using Devices = std::vector<std::unique_ptr<CpuDevice>>;
  Devices one, more;
  for (int i = 0; i < copies; ++i) {
    one.push_back(std::make_unique<CpuDevice>(m, CpuOptions{s.kernel, 1}));
    more.push_back(std::make_unique<CpuDevice>(m, CpuOptions{s.kernel, s.threads}));
  }
  const auto device = [&](const Devices& devices, int i) -> CpuDevice& {
    return *devices[static_cast<std::size_t>(i % copies)];
  };
  compare(
      what, s, calls, [&](int i) { decode(device(one, i)); }, [&](int i) { decode(device(more, i)); },
      [&] {
        for (const auto& d : one) prefill(*d);
        for (const auto& d : more) prefill(*d);
      });
}

int run(int argc, char** argv) {
  Settings s;
  if (argc > 1) s.kernel = argv[1];
  if (argc > 2) s.threads = std::atoi(argv[2]);
  if (argc > 3) s.rounds = std::atoi(argv[3]);
  if (s.threads < 2 || s.threads > 256 || s.rounds < 1)
    throw usage_error("usage: squat_cpu_scaling [KERNEL [THREADS [ROUNDS]]]");
  model::ModelConfig config = quantize::shape_config("llama-58m");
  const model::WidthPolicy widths;
  const model::IntegerModel m = quantize::random_model(config, 4, widths, 0);
  std::printf("kernel %s, 1 thread against %d, LLaMA-58M, W4A8; medians\n", cpu::choose_kernels(s.kernel).name, s.threads);
  products(m, s);
  tokens("whole token at context 128, one model in use", m, s, 1, 8);
  tokens("whole token at context 128, memory", m, s, kCopies, kCopies);
  CpuDevice one(m, {s.kernel, 1}), more(m, {s.kernel, s.threads});
  compare(
      "prompt of 128 tokens", s, 1, [&](int) { prefill(one); }, [&](int) { prefill(more); }, [] {});
  config.layers = 4;
  config.vocab_size = 2000;
  tokens("whole token, last-level cache (4 layers, 2000)", quantize::random_model(config, 4, widths, 0), s, 1, 10);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_bench(run, argc, argv); }
