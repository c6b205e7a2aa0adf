// SPDX-License-Identifier: Apache-2.0
// What a pass costs the host besides the accelerator's work: submit, wait, read back, measured over the fake device behind
// genuine XRT. driver_overhead_bench [SHAPE [PASSES]], SHAPE tiny (default), llama-58m or gpt2-97m. Built, not run by the
// tests.
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

/// Passes everything on and notes how long each run took.
class TimedLink final : public engine::KernelLink {
 public:
  TimedLink(std::unique_ptr<engine::KernelLink> link, std::vector<double>& runs) : link_(std::move(link)), runs_(runs) {}
  std::string name() const override { return link_->name(); }
  engine::AcceleratorLimits limits() const override { return link_->limits(); }
  std::string cycle_source() const override { return link_->cycle_source(); }
  void prepare(const engine::BufferSizes& sizes, const std::vector<std::uint8_t>& weights) override {
    link_->prepare(sizes, weights);
  }
  const std::uint8_t* read_cache(engine::ByteRange range) override { return link_->read_cache(range); }
  std::uint8_t* io() override { return link_->io(); }
  void run(const engine::KernelStart& start) override {
    commands = start.commands->size();
    const auto before = Clock::now();
    link_->run(start);
    runs_.push_back(microseconds(Clock::now() - before));
  }

  std::size_t commands = 0;

 private:
  std::unique_ptr<engine::KernelLink> link_;
  std::vector<double>& runs_;
};

double at(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

int bench(const std::string& shape, int passes) {
  ::setenv("XILINX_XRT", FAKE_XRT, 1);
  ::setenv("XCL_EMULATION_MODE", "hw_emu", 1);
  backends::TransportOptions options;
  options.root = SQUAT_ROOT_FOLDER;
  options.xclbin = FAKE_XCLBIN;
  const model::IntegerModel m = quantize::random_model(quantize::shape_config(shape), 4, {}, 0);
  std::vector<double> runs, whole;
  const auto opening = Clock::now();
  auto transport = backends::open_transport(backends::TransportKind::kFpga, options);
  auto timed = std::make_unique<TimedLink>(std::make_unique<backends::TransportLink>(std::move(transport)), runs);
  const TimedLink& link = *timed;
  engine::AcceleratorDevice device(m, std::move(timed), "fpga");
  const double start_ms = microseconds(Clock::now() - opening) / 1000;
  device.run(std::vector<int>(16, 1), engine::RowRange::kLast);
  runs.clear();
  for (int pass = 0; pass < passes; ++pass) {
    if (device.position() == 256) {
      device.reset();
      device.run(std::vector<int>(16, 1), engine::RowRange::kLast);
      runs.pop_back();
    }
    const auto before = Clock::now();
    device.run({1}, engine::RowRange::kLast);
    whole.push_back(microseconds(Clock::now() - before));
  }
  std::printf("%s, decoding, %d passes of about %zu commands, %d logits; opening and weights %.0f ms\n", shape.c_str(), passes,
              link.commands, m.config.vocab_size, start_ms);
  std::printf("submit, wait, read back   median %7.1f us   90 %% below %7.1f us   fastest %7.1f us\n", at(runs, 0.5),
              at(runs, 0.9), at(runs, 0));
  std::printf("with compiling the pass   median %7.1f us   90 %% below %7.1f us   fastest %7.1f us\n", at(whole, 0.5),
              at(whole, 0.9), at(whole, 0));
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return bench(argc > 1 ? argv[1] : "tiny", argc > 2 ? std::max(1, std::atoi(argv[2])) : 2000);
} catch (const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return static_cast<int>(error.code());
}
