// SPDX-License-Identifier: Apache-2.0
#include "qat/train/console.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace squat::qat {

using Clock = std::chrono::steady_clock;

std::string duration_text(double seconds) {
  const auto total = static_cast<long long>(std::llround(seconds));
  char text[48];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", total / 60, total % 60);
  }
  return text;
}

std::string progress_text(const StepReport& r, std::int64_t first, std::int64_t last) {
  char text[320];
  const auto done = static_cast<double>(r.step - first);
  const double left = done > 0 ? r.seconds / done * static_cast<double>(last - r.step) : 0.0;
  std::string parts;
  const auto part = [&](const char* name, double value) {
    std::snprintf(text, sizeof text, " %s %.4g", name, value);
    if (value != 0) parts += text;
  };
  part("kl", r.kl);
  part("entropy", r.entropy);
  part("distribution", r.distribution);
  std::snprintf(text, sizeof text, "step %lld/%lld  loss %.4f (ce %.4f%s)  rate %.3g  8-bit %.0f %%  %.0f tokens/s  %s left",
                static_cast<long long>(r.step), static_cast<long long>(last), r.loss, r.ce, parts.c_str(), r.rate,
                100.0 * r.eight_bit_share, r.tokens_per_second, duration_text(left).c_str());
  return text;
}

Console::Console() : terminal_(::isatty(STDERR_FILENO) == 1), last_(Clock::now()) {}

Console::~Console() {
  if (shown_) std::fputc('\n', stderr);
}

void Console::show(const StepReport& report, std::int64_t first, std::int64_t last) {
  const auto now = Clock::now();
  if (!terminal_ || (now - last_ < std::chrono::milliseconds(200) && report.step != last)) return;
  last_ = now;
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%s", progress_text(report, first, last).c_str());
}

void Console::say(const char* text) { std::fprintf(stderr, "%s%s\n", shown_ ? "\r\033[K" : "", text); }

}  // namespace squat::qat
