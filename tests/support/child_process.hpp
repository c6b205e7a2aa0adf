// SPDX-License-Identifier: Apache-2.0
// Work in a process of its own, which may die of it.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "host/model/error.hpp"

namespace squat::test {

/// Ends this process, a child, after the work: with 0, with the code of the Error that left it, or with 99 for anything else.
/// What was thrown is said on standard error.
[[noreturn]] inline void work_and_exit(const std::function<void()>& work) {
  int status = 0;
  try {
    work();
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    status = static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    status = 99;
  } catch (...) {
    status = 99;
  }
  ::_exit(status);  // the test framework must not run twice
}

/// The exit code in a status of waitpid(), or minus the signal that ended the process.
inline int exit_code(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

/// exit_code() of a child that does the work, and is sent `signal`, unless that is 0, after `wait`.
inline int in_child(const std::function<void()>& work, int signal = 0, std::chrono::microseconds wait = {}) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process for the work");
  if (child == 0) work_and_exit(work);
  if (signal != 0) {
    std::this_thread::sleep_for(wait);
    ::kill(child, signal);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return exit_code(status);
}

}  // namespace squat::test
