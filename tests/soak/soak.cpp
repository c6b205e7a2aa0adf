// SPDX-License-Identifier: Apache-2.0
// squat_soak DEVICE TOKENS [PLANT]: many sequences in one process. Resident memory must stay where it was after a tenth of
// them, and sequences must give the logits they give in a process of their own. Exit 1 when not. PLANT is what the soak must
// notice: "leak" keeps a KiB of every token, "stale" leaves a token of another sequence in the last. squat_soak DEVICE only N:
// the hash of sequence N alone.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "host/cli/devices.hpp"
#include "host/cli/sha256.hpp"
#include "host/model/error.hpp"
#include "tests/support/random_model.hpp"

namespace {

using namespace squat;

/// A model small enough for a thousand tokens of simulated RTL; on a processor a larger one.
model::IntegerModel model_for(const std::string& device) {
  test::RandomModelSpec spec;
  if (device == "sim") {
    spec.layers = 1, spec.hidden = 64, spec.intermediate = 64, spec.heads = 2, spec.kv_heads = 1, spec.vocab = 40;
    spec.max_positions = 128;
  }
  return test::random_model(spec);
}

/// Sizes of the passes of a sequence; the first sequence has the longest of everything, so that buffers have their size.
std::vector<int> passes_of(int sequence, int positions) {
  std::mt19937 random(static_cast<unsigned>(sequence) + 1);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const int length = sequence == 0 ? positions : 8 + below(positions - 7);
  std::vector<int> passes = {sequence == 0 ? std::min(hls::kMaxChunk, positions / 2) : 1 + below(length / 2)};
  for (int at = passes[0]; at < length;) {
    const int size = sequence > 0 && below(10) == 0 ? 1 + below(std::min(length - at, 16)) : 1;
    passes.push_back(size);
    at += size;
  }
  return passes;
}

int tokens_of(const std::vector<int>& passes) {
  int sum = 0;
  for (const int size : passes) sum += size;
  return sum;
}

std::vector<std::unique_ptr<char[]>> leaked;

/// SHA-256 of all logits of a sequence.
std::string run_sequence(engine::Device& device, int sequence, bool leak = false, bool stale = false) {
  device.reset();
  const int vocabulary = device.model().config.vocab_size;
  if (stale) device.run({1}, engine::RowRange::kLast);
  cli::Sha256 hash;
  unsigned pass = 0;
  for (const int size : passes_of(sequence, device.context() - 1)) {
    const std::vector<int> ids = test::random_ids(size, vocabulary, static_cast<unsigned>(sequence) * 1000 + pass);
    const engine::PassResult result = device.run(ids, pass++ % 3 == 0 ? engine::RowRange::kAll : engine::RowRange::kLast);
    hash.add(result.logits.data(), result.logits.size());
    for (int i = 0; leak && i < size; ++i) {
      leaked.push_back(std::make_unique<char[]>(1024));
      std::fill_n(leaked.back().get(), 1024, 'x');  // touched: otherwise nothing is resident
    }
  }
  return hash.finish();
}

double resident_mib() {
  std::ifstream in("/proc/self/statm");
  double all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::string in_fresh_process(const std::string& device, int sequence) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::FILE* pipe = ::popen(("'" + self + "' " + device + " only " + std::to_string(sequence)).c_str(), "r");
  char text[80] = "";
  if (pipe != nullptr && std::fgets(text, sizeof text, pipe) == nullptr) text[0] = '\0';
  if (pipe != nullptr) ::pclose(pipe);
  const std::string line = text;
  return line.substr(0, line.find('\n'));
}

int soak(const std::string& name, int tokens, const std::string& plant) {
  constexpr double kGrowth = 0.01;
  const model::IntegerModel m = model_for(name);
  const cli::OpenDevice opened = cli::open_device(name, m, {});
  std::vector<std::string> hashes;
  int done = 0, warm = 0;
  double before = resident_mib();  // asked once before: the first question brings pages of the library in
  while (done < tokens) {
    const int sequence = static_cast<int>(hashes.size());
    const int size = tokens_of(passes_of(sequence, opened.device->context() - 1));
    hashes.push_back(run_sequence(*opened.device, sequence, plant == "leak", plant == "stale" && done + size >= tokens));
    done += size;
    if (warm == 0 && done * 10 >= tokens) {
      warm = done;
      before = resident_mib();
    }
  }
  const double after = resident_mib(), growth = after / before - 1;
  const int last = static_cast<int>(hashes.size()) - 1;
  std::printf("soak: %s%s: %d tokens in %d sequences, resident %.2f MiB after %d tokens, %.2f MiB at the end (%+.2f %%)\n",
              name.c_str(), opened.transport.empty() ? "" : (" (" + opened.transport + ")").c_str(), done, last + 1, before,
              warm, after, 100 * growth);
  bool good = growth < kGrowth;
  if (!good) std::printf("soak: resident memory grew by more than %.0f %%\n", 100 * kGrowth);
  for (const int sequence : {0, last / 2, last}) {
    const std::string fresh = in_fresh_process(name, sequence);
    const bool same = fresh == hashes[static_cast<std::size_t>(sequence)];
    std::printf("soak: %s: sequence %d %s\n", name.c_str(), sequence,
                same ? "as in a fresh process" : "DIFFERS from a fresh process");
    good = good && same;
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[1] == "only") {
    const model::IntegerModel m = model_for(words[0]);
    std::cout << run_sequence(*cli::open_device(words[0], m, {}).device, std::stoi(words[2])) << '\n';
    return 0;
  }
  const bool known = words.size() == 2 || (words.size() == 3 && (words[2] == "leak" || words[2] == "stale"));
  if (!known || std::atoi(words[1].c_str()) < 1) {
    std::cerr << "usage: squat_soak DEVICE TOKENS [leak|stale]\n";
    return 2;
  }
  return soak(words[0], std::atoi(words[1].c_str()), words.size() == 3 ? words[2] : "");
} catch (const squat::Error& error) {
  std::cerr << "error: " << error.what() << '\n';
  return static_cast<int>(error.code());
}
