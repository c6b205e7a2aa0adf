// SPDX-License-Identifier: Apache-2.0
#include "host/cli/stop_signals.hpp"

#include <signal.h>

#include <atomic>
#include <initializer_list>

#include "host/backends/xrt/device_busy.hpp"

namespace squat::cli {
namespace {

std::atomic<int> asked{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void on_signal(int signal) {
  if (backends::DeviceBusy::any() && asked.exchange(signal) == 0) return;
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

void watch_stop_signals() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
  }
  // The first use of a local static object is no matter for a signal handler.
  (void)backends::DeviceBusy::any();
}

int stop_signal() { return asked.load(); }

}  // namespace squat::cli
