// SPDX-License-Identifier: Apache-2.0
// squat train and squat qat under mpirun: the same bits as one process, and an end for all when one ends.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/qat/tiny_training.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::vector<std::string> kMpirun = {SQUAT_MPIRUN, "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n"};

std::string batches(int batch, int accumulate, int steps) {
  return " --format json --batch " + std::to_string(batch) + " --accumulate " + std::to_string(accumulate) + " --steps " +
         std::to_string(steps);
}

std::vector<std::string> train_arguments(const fs::path& out, int batch, int accumulate, int steps) {
  return tiny_train(out, kTinyLlama + batches(batch, accumulate, steps));
}

std::vector<std::string> qat_arguments(const fs::path& out, int batch, int accumulate) {
  return tiny_qat(tales() / "fp32", out,
                  "--activations mixed --rho 0.5 --rule sequence --warmup 0" + batches(batch, accumulate, 3));
}

/// A run of `ranks` processes in the background.
class Job {
 public:
  Job(int ranks, const std::vector<std::string>& arguments, const fs::path& directory) : out_(directory / "job.out") {
    std::vector<std::string> words = kMpirun;
    words.push_back(std::to_string(ranks));
    words.push_back(SQUAT_BINARY);
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::string command = "exec";
    for (const std::string& word : words) command += " " + shell_quoted(word);
    command += " </dev/null >" + shell_quoted(out_.string()) + " 2>" + shell_quoted((directory / "job.err").string());
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      ::_exit(127);
    }
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
  }

  /// Exit code, or -1 when it has not ended after `limit`.
  int wait(std::chrono::seconds limit) {
    const Clock::time_point end = Clock::now() + limit;
    for (int status = 0; Clock::now() < end; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
      if (::waitpid(process_, &status, WNOHANG) != process_) continue;
      process_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return -1;
  }

  /// The process of a rank, a child of mpirun; 0 when there is none.
  pid_t process_of(int rank) const {
    const std::string wanted = "OMPI_COMM_WORLD_RANK=" + std::to_string(rank);
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream stat(entry.path() / "stat"), environment(entry.path() / "environ");
      std::string id, program, state;
      pid_t parent = 0;
      stat >> id >> program >> state >> parent;
      if (parent != process_) continue;
      for (std::string line; std::getline(environment, line, '\0');) {
        if (line == wanted) return static_cast<pid_t>(std::stol(name));
      }
    }
    return 0;
  }

  std::string output() const { return read_bytes(out_); }

 private:
  fs::path out_;
  pid_t process_ = -1;
};

json run_ranks(int ranks, const std::vector<std::string>& arguments, const fs::path& directory) {
  Job job(ranks, arguments, directory);
  const int code = job.wait(std::chrono::seconds(200));
  INFO(read_bytes(directory / "job.err"));
  REQUIRE(code == 0);
  return json::parse(job.output());
}

json run_one(const std::vector<std::string>& arguments) {
  const CliResult result = run_cli(arguments);
  INFO(result.err);
  REQUIRE(result.code == 0);
  return json::parse(result.out);
}

void check_equal(const json& ranks, const json& one) {
  for (const char* field : {"step", "loss", "ce", "kl", "gradient_norm", "tokens", "eight_bit_share"}) {
    INFO(field);
    CHECK(ranks.at(field) == one.at(field));
  }
}

/// A long run whose rank 1 gets a signal once training goes on.
int exit_after(int signal, const fs::path& directory, const std::vector<std::string>& arguments) {
  Job job(2, arguments, directory);
  const fs::path log = directory / "m.run" / "log.csv";
  const Clock::time_point end = Clock::now() + std::chrono::seconds(100);
  std::error_code ignored;
  while (Clock::now() < end && !(fs::exists(log, ignored) && fs::file_size(log, ignored) > 500)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const pid_t process = job.process_of(1);
  REQUIRE(process > 0);
  ::kill(process, signal);
  const int code = job.wait(std::chrono::seconds(60));
  INFO(read_bytes(directory / "job.err"));
  REQUIRE(code != -1);
  return code;
}

}  // namespace

TEST_CASE("ranks end with the bits of one process that accumulates") {
  const TemporaryDirectory directory;
  const fs::path one = directory.path() / "one", two = directory.path() / "two", large = directory.path() / "large";
  const json single = run_one(train_arguments(one, 3, 2, 8));
  const json ranks = run_ranks(2, train_arguments(two, 3, 1, 8), directory.path());
  check_equal(ranks, single);
  CHECK(ranks.at("perplexity") == single.at("perplexity"));
  CHECK(ranks.at("ranks") == 2);
  CHECK(ranks.at("exchange_seconds").get<double>() > 0);
  CHECK(read_bytes(one / "model.safetensors") == read_bytes(two / "model.safetensors"));
  // One batch of all sequences adds the same numbers up in another order.
  const json whole = run_one(train_arguments(large, 6, 1, 8));
  CHECK(ranks.at("loss").get<double>() == Approx(whole.at("loss").get<double>()).epsilon(1e-5));
  CHECK(ranks.at("gradient_norm").get<double>() == Approx(whole.at("gradient_norm").get<double>()).epsilon(1e-4));
}

TEST_CASE("quantised training over ranks ends with the same bits too") {
  const TemporaryDirectory directory;
  const json single = run_one(qat_arguments(directory.path() / "one", 2, 3));
  check_equal(run_ranks(3, qat_arguments(directory.path() / "three", 2, 1), directory.path()), single);
  CHECK(read_bytes(directory.path() / "one" / "model.safetensors") ==
        read_bytes(directory.path() / "three" / "model.safetensors"));
}

TEST_CASE("a rank that is killed ends the others") {
  const TemporaryDirectory directory;
  const auto arguments = train_arguments(directory.path() / "m", 2, 1, 1000000);
  CHECK(exit_after(SIGKILL, directory.path(), arguments) != 0);
  CHECK_FALSE(fs::exists(directory.path() / "m"));
}

TEST_CASE("an interrupted rank stops all of them at a checkpoint") {
  const TemporaryDirectory directory;
  const auto arguments = train_arguments(directory.path() / "m", 2, 1, 1000000);
  CHECK(exit_after(SIGINT, directory.path(), arguments) == 130);
  CHECK_FALSE(fs::exists(directory.path() / "m"));
  CHECK_FALSE(fs::is_empty(directory.path() / "m.run" / "checkpoints"));
}

TEST_CASE("a launcher whose processes MPI does not see is refused before anything is trained") {
  const TemporaryDirectory directory;
  const Variable launched("SLURM_STEP_NUM_TASKS", "3");
  check_fails(train_arguments(directory.path() / "m", 2, 1, 4), 4,
              "started as one of 3 processes, of which MPI sees 1; start them with mpirun, or with srun --mpi=pmix");
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("an error in every rank is reported and ends the run") {
  const TemporaryDirectory directory;
  auto arguments = train_arguments(directory.path() / "m", 2, 1, 4);
  arguments[2] = (directory.path() / "no such text").string();
  Job job(2, arguments, directory.path());
  CHECK(job.wait(std::chrono::seconds(100)) == 3);
  CHECK(read_bytes(directory.path() / "job.err").find("no such text") != std::string::npos);
}
