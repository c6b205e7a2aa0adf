// SPDX-License-Identifier: Apache-2.0
// Ranks over MPI: libsquat_mpi.so, only in builds that found MPI.
#include "qat/ranks/mpi_ranks.hpp"

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunk = std::size_t{1} << 20;  ///< values exchanged at a time: bounds the memory for them
constexpr std::chrono::minutes kLimit{30};

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Asks again and again, sleeping in between: the processor belongs to those who compute. The library makes progress only while
/// it is asked, so the pauses stay short.
void wait(MPI_Request* request) {
  const Clock::time_point begin = Clock::now();
  std::chrono::microseconds pause{10};
  for (int done = 0;;) {
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return;
    if (Clock::now() - begin > kLimit) {
      throw Error(ExitCode::kDeviceFailed,
                  "no answer from another rank for 30 minutes; look for a process that hangs or swaps");
    }
    std::this_thread::sleep_for(pause);
    if (pause < std::chrono::microseconds(200)) pause *= 2;
  }
}

/// All calls of MPI are made by one thread, in the order in which they were asked for.
class MpiRanks : public Ranks {
 public:
  MpiRanks() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    if (provided < MPI_THREAD_SERIALIZED) {
      MPI_Finalize();
      throw Error(ExitCode::kDeviceUnavailable, "this MPI library does not work with threads; install one that does");
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    thread_ = std::thread([this] { loop(); });
  }

  ~MpiRanks() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void start_sum(float* values, std::size_t count) override {
    ask([this, values, count] {
      const Clock::time_point begin = Clock::now();
      for (std::size_t at = 0; at < count; at += kChunk) sum_chunk(values + at, std::min(kChunk, count - at));
      exchange_ += seconds_since(begin);
    });
  }

  void finish_sums() override {
    const Clock::time_point begin = Clock::now();
    finish();
    waited_ += seconds_since(begin);
  }

  void sum(double* values, std::size_t count) override {
    std::vector<double> all(count * static_cast<std::size_t>(size_));
    ask([&] {
      MPI_Request request{};
      MPI_Iallgather(values, static_cast<int>(count), MPI_DOUBLE, all.data(), static_cast<int>(count), MPI_DOUBLE,
                     MPI_COMM_WORLD, &request);
      wait(&request);
    });
    finish();
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = all[i];
      for (std::size_t r = 1; r < static_cast<std::size_t>(size_); ++r) values[i] += all[r * count + i];
    }
  }

  void wait_for_all() override {
    ask([] {
      MPI_Request request{};
      MPI_Ibarrier(MPI_COMM_WORLD, &request);
      wait(&request);
    });
    finish();
  }

  void abort(int exit_code) override { MPI_Abort(MPI_COMM_WORLD, exit_code); }

  double exchange_seconds() const override { return exchange_; }
  double waited_seconds() const override { return waited_; }

 private:
  /// Every rank receives one slice from all, adds in the order of the ranks, and sends the sums back.
  void sum_chunk(float* values, std::size_t count) {
    const auto ranks = static_cast<std::size_t>(size_), own = static_cast<std::size_t>(rank_);
    std::vector<int> counts(ranks), from(ranks), slots(ranks), same(ranks);
    for (std::size_t r = 0; r < ranks; ++r) {
      from[r] = static_cast<int>(count * r / ranks);
      counts[r] = static_cast<int>(count * (r + 1) / ranks) - from[r];
    }
    const auto mine = static_cast<std::size_t>(counts[own]);
    for (std::size_t r = 0; r < ranks; ++r) {
      same[r] = counts[own];
      slots[r] = static_cast<int>(r * mine);
    }
    received_.resize(mine * ranks);
    MPI_Request request{};
    MPI_Ialltoallv(values, counts.data(), from.data(), MPI_FLOAT, received_.data(), same.data(), slots.data(), MPI_FLOAT,
                   MPI_COMM_WORLD, &request);
    wait(&request);
    float* slice = values + from[own];
    std::copy_n(received_.data(), mine, slice);
    for (std::size_t r = 1; r < ranks; ++r) {
      const float* other = received_.data() + r * mine;
      for (std::size_t i = 0; i < mine; ++i) slice[i] += other[i];
    }
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, counts.data(), from.data(), MPI_FLOAT, MPI_COMM_WORLD,
                    &request);
    wait(&request);
  }

  void ask(std::function<void()> job) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_all();
  }

  /// Returns when no job is left; rethrows what one threw.
  void finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [this] { return jobs_.empty(); });
    if (error_) std::rethrow_exception(error_);
  }

  void loop() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = jobs_.front();  // stays in the list until it is done
      lock.unlock();
      std::exception_ptr error;
      try {
        if (!error_) job();
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error) error_ = error;
      jobs_.pop_front();
      if (jobs_.empty()) idle_.notify_all();
    }
  }

  int rank_ = 0, size_ = 1;
  std::vector<float> received_;
  double exchange_ = 0, waited_ = 0;  ///< exchange_ is written by the thread, read when no job is left
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<std::function<void()>> jobs_;
  std::exception_ptr error_;
  bool stop_ = false;
};

Ranks* open() { return new MpiRanks; }

const char* version() {
  static const std::string name = [] {
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(text, &length);
    const std::string all(text, static_cast<std::size_t>(length));
    return all.substr(0, all.find(','));
  }();
  return name.c_str();
}

}  // namespace
}  // namespace squat::qat

extern "C" __attribute__((visibility("default")))
const squat::qat::MpiPlugin squat_mpi_plugin = {squat::qat::kMpiInterface, squat::qat::open, squat::qat::version};
