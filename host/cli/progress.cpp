// SPDX-License-Identifier: Apache-2.0
#include "host/cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace squat::cli {

using Clock = std::chrono::steady_clock;

namespace {

bool line_shown = false;

/// Writes one line over the last one, cut to the terminal's width so that it can be cleared again.
void show(std::string text) {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  const std::size_t columns = known ? size.ws_col - 1U : 79U;
  if (text.size() > columns) text.resize(columns);
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  line_shown = true;
}

std::string whole(double value) { return std::to_string(static_cast<long long>(value + 0.5)); }

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()), last_(start_) {}

Progress::~Progress() { clear_progress(); }

void Progress::update(int done, int total) {
  const auto now = Clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left = done > 0 ? elapsed / done * (total - done) : 0.0;
  show(what_ + " " + std::to_string(done) + "/" + std::to_string(total) + ", " + whole(elapsed) + " s elapsed, about " +
       whole(left) + " s left");
}

void clear_progress() {
  if (!line_shown) return;
  std::fputs("\r\033[K", stderr);
  line_shown = false;
}

void show_simulation(std::uint64_t cycles, double cycles_per_second) {
  if (::isatty(STDERR_FILENO) != 1) return;
  show("simulated " + fixed(static_cast<double>(cycles) / 1e6, 1) + " M cycles of this pass, " +
       fixed(cycles_per_second / 1e6, 2) + " M cycles/s");
}

}  // namespace squat::cli
