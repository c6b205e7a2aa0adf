// SPDX-License-Identifier: Apache-2.0
#include "host/cli/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace squat::cli {

using Clock = std::chrono::steady_clock;

Progress::Progress(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()), last_(start_) {}

Progress::~Progress() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::update(int done, int total) {
  const auto now = Clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left = done > 0 ? elapsed / done * (total - done) : 0.0;
  std::fprintf(stderr, "\r\033[K%s %d/%d, %.0f s elapsed, about %.0f s left", what_.c_str(), done, total, elapsed, left);
}

void show_simulation(std::uint64_t cycles, double cycles_per_second) {
  if (::isatty(STDERR_FILENO) != 1) return;
  std::fprintf(stderr, "\r\033[Ksimulated %.1f M cycles of this pass, %.2f M cycles/s", static_cast<double>(cycles) / 1e6,
               cycles_per_second / 1e6);
}

}  // namespace squat::cli
