// SPDX-License-Identifier: Apache-2.0
// What more threads gain: one thread and THREADS in turn, in one run. squat_cpu_scaling [KERNEL [THREADS [ROUNDS]]].
// Products of LLaMA-58M's layers, whole tokens and a prompt, and plain loads of the same bytes. The processors must be free:
// what other programs and the hypervisor took of them meanwhile is printed.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
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

/// Seconds of processor time since the machine started: of all programs, and taken by the hypervisor (/proc/stat, Linux).
struct ProcessorTime {
  double busy = 0, stolen = 0, own = 0;

  static ProcessorTime now() {
    std::ifstream file("/proc/stat");
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0;
    file >> name >> user >> nice >> system >> idle >> wait >> irq >> soft >> steal;
    const double tick = 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    return {(user + nice + system + irq + soft) * tick, steal * tick, seconds(used.ru_utime) + seconds(used.ru_stime)};
  }
};

void print(const char* what, const std::vector<double>& one_ms, const std::vector<double>& more_ms) {
  const double fast_one = *std::min_element(one_ms.begin(), one_ms.end());
  const double fast_more = *std::min_element(more_ms.begin(), more_ms.end());
  std::printf("%-52s median %8.4f ms / %8.4f ms = %4.2f  fastest %8.4f / %8.4f = %4.2f\n", what, median(one_ms),
              median(more_ms), median(one_ms) / median(more_ms), fast_one, fast_more, fast_one / fast_more);
}

/// Times one(i) and more(i), i < calls, in turn. `prepare` runs before each, untimed.
template <typename One, typename More, typename Prepare>
void compare(const char* what, const Settings& s, int calls, const One& one, const More& more, const Prepare& prepare) {
  std::vector<double> one_ms, more_ms;
  const auto timed = [&](const auto& call) {
    prepare();
    return milliseconds([&] {
             for (int i = 0; i < calls; ++i) call(i);
           }) /
           calls;
  };
  timed(one);  // warm-up
  timed(more);
  for (int i = 0; i < s.rounds; ++i) {
    one_ms.push_back(timed(one));
    more_ms.push_back(timed(more));
  }
  print(what, one_ms, more_ms);
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
  const ProcessorTime before = ProcessorTime::now();
  const double elapsed =
      1e-3 * milliseconds([&] {
        model::ModelConfig config = quantize::shape_config("llama-58m");
        const model::WidthPolicy widths;
        const model::IntegerModel m = quantize::random_model(config, 4, widths, 0);
        std::printf("kernel %s, 1 thread against %d, LLaMA-58M, W4A8\n", cpu::choose_kernels(s.kernel).name, s.threads);
        products(m, s);
        tokens("whole token at context 128, memory", m, s, kCopies, kCopies);
        CpuDevice one(m, {s.kernel, 1}), more(m, {s.kernel, s.threads});
        compare(
            "prompt of 128 tokens", s, 1, [&](int) { prefill(one); }, [&](int) { prefill(more); }, [] {});
        config.layers = 4;
        config.vocab_size = 2000;
        tokens("whole token, last-level cache (4 layers, 2000)", quantize::random_model(config, 4, widths, 0), s, 1, 10);
      });
  const ProcessorTime after = ProcessorTime::now();
  const double all = elapsed * static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  const double others = after.busy - before.busy - (after.own - before.own);
  std::printf("of %ld processors in %.0f s: other programs %.1f %%, the hypervisor %.1f %%\n", ::sysconf(_SC_NPROCESSORS_ONLN),
              elapsed, 100 * std::max(others, 0.0) / all, 100 * (after.stolen - before.stolen) / all);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
