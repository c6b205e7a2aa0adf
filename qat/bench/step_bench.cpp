// SPDX-License-Identifier: Apache-2.0
// Times training steps on demand, so that a driver can alternate it with other programs in the same minutes:
//   squat_step_bench SHAPE MODE [THREADS]
// MODE peak answers as if a step were nothing but its multiply-adds, at the rate of multiply-adds in registers.
// reads a number of steps per line from standard input and answers with one line of JSON: seconds of wall clock and of
// processor time per step, and the largest resident size so far. A step is forward, backward and AdamW on random tokens.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "host/model/error.hpp"
#include "qat/model/factory.hpp"
#include "qat/optim/adamw.hpp"
#include "qat/tensor/kernels.hpp"
#include "qat/tensor/parallel.hpp"
#include "qat/train/teachers.hpp"

namespace {

using namespace squat;

struct Shape {
  model::ModelConfig config;
  int sequences = 0, length = 128;
};

Shape shape_named(const std::string& name) {
  struct Row {
    int vocab, hidden, ffn, layers, heads, sequences;
  };
  static const std::map<std::string, Row> rows = {
      {"tiny", {512, 64, 128, 2, 4, 4}}, {"h256", {4096, 256, 768, 4, 8, 8}}, {"llama-58m", {16000, 512, 1024, 16, 8, 2}}};
  const auto found = rows.find(name);
  if (found == rows.end()) throw usage_error("shape " + name + ": expected tiny, h256 or llama-58m");
  const Row& row = found->second;
  Shape shape;
  shape.config.vocab_size = row.vocab;
  shape.config.hidden_size = row.hidden;
  shape.config.intermediate_size = row.ffn;
  shape.config.layers = row.layers;
  shape.config.heads = shape.config.kv_heads = row.heads;
  shape.config.head_dim = row.hidden / row.heads;
  shape.config.max_positions = shape.length;
  shape.config.tied = false;
  shape.sequences = row.sequences;
  return shape;
}

qat::Batch random_batch(const Shape& shape) {
  qat::Batch batch;
  batch.sequences = shape.sequences;
  batch.length = shape.length;
  unsigned state = 1;
  for (int i = 0; i < shape.sequences * shape.length; ++i) {
    state = state * 1664525u + 1013904223u;
    batch.tokens.push_back(static_cast<std::int32_t>((state >> 8) % static_cast<unsigned>(shape.config.vocab_size)));
  }
  return batch;
}

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double wall_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

void answer(const Shape& shape, const std::string& wall, const std::string& processor) {
  std::printf("{\"tokens\": %d, \"wall\": [%s], \"processor\": [%s], \"peak_bytes\": %.0f}\n", shape.sequences * shape.length,
              wall.c_str(), processor.c_str(), peak_bytes());
  std::fflush(stdout);
}

/// Floating-point operations of the products of one step: two a weight and token forward, four backward; causal attention
/// has scores and values of half the square, on average.
double operations_of(const Shape& shape) {
  const auto& c = shape.config;
  const double hidden = c.hidden_size, length = shape.length;
  const double weights = c.layers * (4 * hidden * hidden + 3 * hidden * c.intermediate_size) + hidden * c.vocab_size;
  const double attention = c.layers * 2 * hidden * (length + 1) / 2;
  return 6 * (weights + attention) * shape.sequences * length;
}

int peak(const Shape& shape) {
  constexpr long kRounds = 1000000;
  int steps = 0;
  while (std::cin >> steps) {
    std::string wall, processor;
    for (int i = 0; i < steps; ++i) {
      const double w = wall_seconds(), p = processor_seconds();
      const double share = operations_of(shape) / qat::kernels<float>().multiply_adds(kRounds);
      const char* comma = i == 0 ? "" : ", ";
      wall += comma + std::to_string((wall_seconds() - w) * share);
      processor += comma + std::to_string((processor_seconds() - p) * share);
    }
    answer(shape, wall, processor);
  }
  return 0;
}

int bench(const std::string& shape_name, const std::string& mode, int threads) {
  const Shape shape = shape_named(shape_name);
  if (mode == "peak") return peak(shape);
  qat::QuantConfig quant = qat::deployment_quant(4, {});
  if (mode == "mixed") quant = qat::deployment_quant(4, {model::Activations::kMixed, hls::WidthRule::kSequence, 512, 0, {}});
  const bool teacher = mode == "w4a8-teacher";
  if (mode != "fp32" && mode != "w4a8" && mode != "mixed" && !teacher) {
    throw usage_error("mode " + mode + ": expected fp32, w4a8, w4a8-teacher, mixed or peak");
  }
  const auto student = qat::make_model<float>(shape.config, 1, mode == "fp32" ? nullptr : &quant);
  qat::Teachers teachers;
  if (teacher) teachers.add(qat::make_model<float>(shape.config, 2, nullptr));
  student->set_threads(threads);
  teachers.set_threads(threads);
  qat::Workers workers;
  workers.resize(threads);
  const qat::ForEachBlock for_each = [&](int tasks, const std::function<void(int)>& task) {
    workers.run(tasks, [&](int index, int) { task(index); });
  };
  const qat::Batch batch = random_batch(shape);
  student->start_scales(batch);
  qat::AdamW optimiser(student->parameters(), {});
  int steps = 0;
  while (std::cin >> steps) {
    std::string wall, processor;
    for (int i = 0; i < steps; ++i) {
      const double w = wall_seconds(), p = processor_seconds();
      student->forward_backward(batch, {}, teachers.run(batch, {}), true);
      optimiser.step(student->parameters(), 1e-4, 1.0, for_each);
      const char* comma = i == 0 ? "" : ", ";
      wall += comma + std::to_string(wall_seconds() - w);
      processor += comma + std::to_string(processor_seconds() - p);
    }
    answer(shape, wall, processor);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: %s tiny|h256|llama-58m fp32|w4a8|w4a8-teacher|mixed|peak [THREADS]\n", argv[0]);
    return 2;
  }
  try {
    return bench(argv[1], argv[2], argc == 4 ? std::stoi(argv[3]) : 1);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
