// SPDX-License-Identifier: Apache-2.0
// The windows of a text on several accelerators at once.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/cli/devices.hpp"
#include "host/engine/sequence.hpp"
#include "host/model/error.hpp"

namespace squat::cli {

/// One thread and one sequence per device. Every device gives the same integers, so it does not matter which takes a window: a
/// device that fails is opened anew once, and if it fails again the others take its windows.
class WindowRunner {
 public:
  struct Window {
    std::vector<std::int32_t> logits;  ///< (tokens, vocab)
    engine::EightBitShare share;
  };

  /// Windows 0..windows-1 of `tokens` ids each. The devices and ids must outlive it.
  WindowRunner(std::vector<OpenDevice>& devices, const std::vector<int>& ids, int tokens, int windows);
  ~WindowRunner();

  /// The result of the next window, in order. Throws the first failure when no device is left.
  Window next();

  /// "device 1: why it failed", for every device that was given up so far.
  std::vector<std::string> failures();

 private:
  void work(OpenDevice& device);
  int take();
  Window compute(OpenDevice& device, int window);
  void give_up(const OpenDevice& device, int window, const Error& error);
  static bool reopen(OpenDevice& device);

  const std::vector<int>& ids_;
  int tokens_, windows_, devices_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<int> again_;  ///< windows given back by a device that failed
  int taken_ = 0, delivered_ = 0;
  std::map<int, Window> done_;
  int working_;  ///< devices that were not given up
  std::vector<std::string> failures_;
  std::unique_ptr<Error> first_failure_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace squat::cli
