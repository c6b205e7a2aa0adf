// SPDX-License-Identifier: Apache-2.0
// What a pass costs the host besides the accelerator's work: submit, wait, read back, measured over the fake device behind
// genuine XRT. driver_overhead_bench [SHAPE [PASSES]], SHAPE tiny (default), llama-58m or gpt2-97m. The device is done at once
// unless SQUAT_FAKE_SCRIPT says otherwise ("run late 2": after 2 ms, on a thread of its own). Built, not run by the tests.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"

using namespace squat;
using Clock = std::chrono::steady_clock;

namespace {

double microseconds(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

/// What the last run took the fake device, from taking the command to setting its state. XRT loads its library for all to see.
double device_microseconds() {
  using LastRun = std::int64_t(unsigned);
  void* found = ::dlsym(RTLD_DEFAULT, "squat_simulation_last_run_of");
  if (found == nullptr) throw Error(ExitCode::kDeviceUnavailable, "XRT uses another library than the fake device's");
  return static_cast<double>(reinterpret_cast<LastRun*>(found)(0)) / 1000;
}

struct Times {
  std::vector<double> whole, host;  ///< microseconds; host: without the device's own
};

/// Passes everything on and notes how long each run took.
class TimedLink final : public engine::KernelLink {
 public:
  TimedLink(std::unique_ptr<engine::KernelLink> link, Times& runs) : link_(std::move(link)), runs_(runs) {}
  std::string name() const override { return link_->name(); }
  engine::AcceleratorLimits limits() const override { return link_->limits(); }
  std::string cycle_source() const override { return link_->cycle_source(); }
  void prepare(const engine::BufferSizes& sizes, const WriteWeights& write) override { link_->prepare(sizes, write); }
  const std::uint8_t* read_cache(engine::ByteRange range) override { return link_->read_cache(range); }
  std::uint8_t* io() override { return link_->io(); }
  void expect_run() override { link_->expect_run(); }
  void run(const engine::KernelStart& start) override {
    commands = start.commands->size();
    const auto before = Clock::now();
    link_->run(start);
    runs_.whole.push_back(microseconds(Clock::now() - before));
    runs_.host.push_back(runs_.whole.back() - device_microseconds());
  }

  std::size_t commands = 0;

 private:
  std::unique_ptr<engine::KernelLink> link_;
  Times& runs_;
};

double at(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void print(const char* what, const std::vector<double>& values) {
  std::printf("%-36s median %7.1f us   90 %% below %7.1f us   99 %% below %7.1f us   fastest %7.1f us\n", what, at(values, 0.5),
              at(values, 0.9), at(values, 0.99), at(values, 0));
}

int bench(const std::string& shape, int passes) {
  ::setenv("XILINX_XRT", FAKE_XRT, 1);
  ::setenv("XCL_EMULATION_MODE", "hw_emu", 1);
  backends::TransportOptions options;
  options.root = SQUAT_ROOT_FOLDER;
  options.xclbin = FAKE_XCLBIN;
  const model::IntegerModel m = quantize::random_model(quantize::shape_config(shape), 4, {}, 0);
  Times runs;
  std::vector<double> whole;
  const auto opening = Clock::now();
  auto transport = backends::open_transport(backends::TransportKind::kFpga, options);
  auto timed = std::make_unique<TimedLink>(std::make_unique<backends::TransportLink>(std::move(transport)), runs);
  const TimedLink& link = *timed;
  engine::AcceleratorDevice device(m, std::move(timed), "fpga");
  const double start_ms = microseconds(Clock::now() - opening) / 1000;
  device.run(std::vector<int>(16, 1), engine::RowRange::kLast);
  runs = {};
  for (int pass = 0; pass < passes; ++pass) {
    if (device.position() == 256) {
      device.reset();
      device.run(std::vector<int>(16, 1), engine::RowRange::kLast);
      runs.whole.pop_back();
      runs.host.pop_back();
    }
    const auto before = Clock::now();
    device.run({1}, engine::RowRange::kLast);
    whole.push_back(microseconds(Clock::now() - before));
  }
  std::printf("%s, decoding, %d passes of about %zu commands, %d logits; opening and weights %.0f ms\n", shape.c_str(), passes,
              link.commands, m.config.vocab_size, start_ms);
  print("submit, wait, read back", runs.whole);
  print("  of which not the device's", runs.host);
  print("with compiling the pass", whole);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return bench(argc > 1 ? argv[1] : "tiny", argc > 2 ? std::max(1, std::atoi(argv[2])) : 2000);
} catch (const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return static_cast<int>(error.code());
}
