// SPDX-License-Identifier: Apache-2.0
// squat train: text in, a floating-point model directory out.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/train_flags.hpp"
#include "host/cli/vocabulary.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/output_file.hpp"
#include "qat/model/factory.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

struct NewModelFlags {
  TrainFlags train;
  std::string architecture = "llama", tokenizer, start;
  int pieces = 4096, hidden = 256, layers = 4, heads = 8, kv_heads = 0, ffn = 768, positions = 512;
  double rope_theta = 10000.0;
  bool untied = false, half = false;
};

model::ModelConfig shape_of(const NewModelFlags& o, int pieces) {
  model::ModelConfig c;
  c.model_type = o.architecture;
  if (c.model_type == "gpt2") {
    if (o.kv_heads != 0 && o.kv_heads != o.heads) throw usage_error("--kv-heads: GPT-2 has as many as --heads");
    if (o.untied) throw usage_error("--untied: GPT-2's head is its embedding's table");
    c.rms_norm_eps = 1e-5;
  }
  c.vocab_size = pieces;
  c.hidden_size = o.hidden;
  c.intermediate_size = o.ffn;
  c.layers = o.layers;
  c.heads = o.heads;
  c.kv_heads = o.kv_heads == 0 ? o.heads : o.kv_heads;
  if (o.hidden % o.heads != 0 || o.hidden / o.heads % 2 != 0) {
    throw usage_error("--hidden " + std::to_string(o.hidden) + " and --heads " + std::to_string(o.heads) +
                      ": expected heads of an even size, hidden / heads");
  }
  if (o.heads % c.kv_heads != 0) throw usage_error("--kv-heads: expected a divisor of --heads " + std::to_string(o.heads));
  c.head_dim = o.hidden / o.heads;
  c.max_positions = o.positions;
  c.rope_theta = o.rope_theta;
  c.tied = !o.untied;
  return c;
}

ExitCode train(const CommonOptions& common, const NewModelFlags& options) {
  if (options.train.first_rank()) {
    const model::StagedDirectory probe(options.train.out, model::ModelKind::kFloat);
  }  // nothing is computed for a target that cannot be written, a text that cannot be read or a shape that cannot be
  check_texts(options.train);
  if (options.start.empty()) shape_of(options, options.pieces);
  const std::filesystem::path run = options.train.run_directory();
  const std::string vocabulary_source = options.tokenizer.empty() ? options.start : options.tokenizer;
  std::filesystem::path vocabulary;
  first_rank_first(options.train,
                   [&] { vocabulary = prepare_vocabulary(vocabulary_source, options.pieces, options.train.data, run); });
  const model::Tokenizer tokenizer(vocabulary, 1);
  std::unique_ptr<qat::LanguageModel> student;
  Json settings;
  if (options.start.empty()) {
    const model::ModelConfig shape = shape_of(options, tokenizer.size());
    student = qat::make_model<float>(shape, common.seed, nullptr);
    settings = {{"--arch", shape.model_type},       {"--vocab", shape.vocab_size}, {"--hidden", shape.hidden_size},
                {"--ffn", shape.intermediate_size}, {"--layers", shape.layers},    {"--heads", shape.heads},
                {"--kv-heads", shape.kv_heads},     {"--untied", !shape.tied},     {"--max-positions", shape.max_positions},
                {"--rope-theta", shape.rope_theta}};
  } else {
    student = qat::make_model(model::read_float_model(options.start));
    settings["--init"] = fingerprint(options.start);
  }
  for (const std::string& teacher : options.train.teachers) settings["--teacher"].push_back(fingerprint(teacher));
  const TrainData data = open_data(options.train, tokenizer, vocabulary);
  qat::Teachers teachers = open_teachers(options.train, student->config().vocab_size, common.threads);
  qat::LossOptions losses;
  losses.gamma = options.train.gamma.value_or(losses.gamma);
  losses.tau = options.train.tau.value_or(losses.tau);
  const TrainOutcome outcome =
      run_training(*student, data, teachers, options.train, common, losses, optimiser_of(options.train), settings);
  if (!outcome.result.interrupted && options.train.first_rank()) {
    model::write_model_directory(qat::to_float_model(*student), options.train.out, run,
                                 options.half ? model::StoredAs::kFloat16 : model::StoredAs::kFloat32);
  }
  Json report = train_report("squat.train/1", outcome, options.train);
  report["parameters"] = student->parameters().size();
  report["vocabulary"] = tokenizer.size();
  if (options.train.first_rank()) print_result(report, common.format);
  return outcome.signal == 0 ? ExitCode::kOk : static_cast<ExitCode>(128 + outcome.signal);
}

}  // namespace

void add_train(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<NewModelFlags>();
  CLI::App* command =
      add_command(app, cli, "train", "Train a floating-point model from text; the same command resumes.",
                  "squat train --data books.txt --valid held-out.txt --out tiny --vocab 4096 \\\n"
                  "    --hidden 256 --layers 4 --heads 8 --ffn 768 --steps 2000 --threads 2",
                  [&cli, options] { return with_ranks(options->train, [&] { return train(cli.common, *options); }); });
  add_train_options(*command, options->train);
  command->add_option("--teacher", options->train.teachers, "floating-point directory to learn from too; may be repeated")
      ->type_name("DIR");
  const auto size = [&](const char* name, int& value, const std::string& text, int least = 1) {
    command->add_option(name, value, text)
        ->type_name("N")
        ->check(CLI::Range(least, 1 << 20).description(""))
        ->group("New model");
  };
  command
      ->add_option("--tokenizer", options->tokenizer,
                   "vocabulary file (SentencePiece, or tokenizer.json of byte-level BPE) or a directory that has one")
      ->type_name("PATH")
      ->group("New model");
  command->add_option("--arch", options->architecture, "llama or gpt2 (default llama)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"llama", "gpt2"}).description(""))
      ->group("New model");
  size("--vocab", options->pieces, "pieces of the byte-level BPE learned from --data without --tokenizer (default 4096)");
  size("--hidden", options->hidden, "width of the residual stream (default 256)");
  size("--layers", options->layers, "layers (default 4)");
  size("--heads", options->heads, "query heads (default 8)");
  size("--kv-heads", options->kv_heads, "key and value heads (default: as many as query heads)");
  size("--ffn", options->ffn, "width of the MLP (default 768)");
  size("--max-positions", options->positions, "longest text in tokens (default 512)", 2);
  command->add_option("--rope-theta", options->rope_theta, "base of the rotary angles (default 10000)")
      ->type_name("R")
      ->check(real_from(1.0, 1e9))
      ->group("New model");
  command->add_flag("--untied", options->untied, "give the head its own table instead of the embedding's")->group("New model");
  command->add_flag("--half", options->half, "store the weights as FP16: half the size");
  command->add_option("--init", options->start, "continue from this floating-point directory instead of a new model")
      ->type_name("DIR");
}

}  // namespace squat::cli
