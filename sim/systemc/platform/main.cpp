// SPDX-License-Identifier: Apache-2.0
// squat_systemc MODEL_DIR PROMPT [TOKENS]: continues a text on the example platform and prints when each token was ready, in
// simulated time at an accelerator clock of 300 MHz. Exit codes are those of squat.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/model/error.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/tokenizer.hpp"
#include "sim/systemc/platform/platform.hpp"

namespace {

using namespace squat;

constexpr double kClockMhz = 300;

int tokens_from(const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 1 || value > 1024) {
    throw usage_error(std::string("TOKENS: expected 1 to 1024, found ") + text);
  }
  return static_cast<int>(value);
}

void generate(const model::IntegerModel& m, const model::Tokenizer& tokenizer, const std::string& prompt, int tokens,
              std::unique_ptr<backends::Transport> transport) {
  engine::AcceleratorDevice device(m, std::make_unique<backends::TransportLink>(std::move(transport)), "systemc");
  std::vector<int> ids = tokenizer.encode(prompt, true);
  if (static_cast<int>(ids.size()) + tokens > device.context()) {
    throw usage_error("PROMPT and TOKENS: " + std::to_string(ids.size()) + " + " + std::to_string(tokens) +
                      " tokens, this model has room for " + std::to_string(device.context()));
  }
  for (std::size_t done = 0; done < ids.size();) {
    const std::size_t chunk = std::min(ids.size() - done, static_cast<std::size_t>(device.longest_whole_pass()));
    const engine::PassResult pass =
        device.run({ids.begin() + static_cast<std::ptrdiff_t>(done), ids.begin() + static_cast<std::ptrdiff_t>(done + chunk)},
                   engine::RowRange::kLast);
    done += chunk;
    if (done < ids.size()) continue;
    const auto best = std::max_element(pass.logits.begin(), pass.logits.end()) - pass.logits.begin();
    std::printf("%10.3f us  %s\n", sc_core::sc_time_stamp().to_seconds() * 1e6,
                tokenizer.decode({static_cast<int>(best)}).c_str());
    std::fflush(stdout);
    if (--tokens == 0) return;
    ids.push_back(static_cast<int>(best));
  }
}

int run(int argc, char** argv) {
  if (argc < 3 || argc > 4) throw usage_error("usage: squat_systemc MODEL_DIR PROMPT [TOKENS]");
  const int tokens = argc == 4 ? tokens_from(argv[3]) : 8;
  const model::IntegerModel m = model::read_integer_model(argv[1]);
  const model::Tokenizer tokenizer(std::filesystem::path(argv[1]), m.config);
  sim::Platform platform(
      sc_core::sc_time(1000 / kClockMhz, sc_core::SC_NS), {},
      [&](std::unique_ptr<backends::Transport> transport) { generate(m, tokenizer, argv[2], tokens, std::move(transport)); });
  platform.processor.run();
  return 0;
}

}  // namespace

int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);  // "stopped by user"
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
