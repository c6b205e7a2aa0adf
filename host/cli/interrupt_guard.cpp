// SPDX-License-Identifier: Apache-2.0
#include "host/cli/interrupt_guard.hpp"

#include <pthread.h>
#include <unistd.h>

#include "host/model/output_file.hpp"

namespace squat::cli {

// A thread waits for the signals instead of a handler: removing files is not allowed in a handler.
InterruptGuard::InterruptGuard() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::thread([signals = signals_] {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0 || signal == SIGUSR1) return;  // SIGUSR1: the guard ends
    model::remove_staged_directories();
    ::_exit(128 + signal);
  });
}

InterruptGuard::~InterruptGuard() {
  pthread_kill(waiter_.native_handle(), SIGUSR1);
  waiter_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace squat::cli
