// SPDX-License-Identifier: Apache-2.0
// squat eval: perplexity of a text, on any device or with the floating-point reference.
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/forward.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/width_names.hpp"
#include "host/reference_float/float_reference.hpp"

namespace squat::cli {
namespace {

struct Options {
  std::string model, text;
  int max_windows = -1;
  int window = 128;
};

using Json = nlohmann::ordered_json;

void print_perplexity(const evaluate::PerplexityResult& result, const Options& options, const Json& about, Format format) {
  Json object = {{"schema", "squat.eval/1"}, {"model", options.model},    {"text", options.text},
                 {"window", options.window}, {"windows", result.windows}, {"perplexity", result.perplexity},
                 {"tokens", result.tokens}};
  object.update(about);
  print_result(object, format);
}

/// Integer logits of a window, run from position 0 in passes of at most the largest chunk.
evaluate::LogitsFunction logits_of(engine::Device& device, std::vector<std::int32_t>& logits, EightBitShare& share) {
  return [&device, &logits, &share](const int* ids, int tokens) {
    device.reset();
    logits.clear();
    run_in_chunks(device, std::vector<int>(ids, ids + tokens), hls::kMaxChunk, engine::RowRange::kAll,
                  [&](const engine::PassResult& pass) {
                    share.add(pass);
                    logits.insert(logits.end(), pass.logits.begin(), pass.logits.end());
                  });
    return evaluate::LogitsView{nullptr, logits.data(), device.model().logit_scale};
  };
}

ExitCode eval(const CommonOptions& given, const Options& options) {
  const CommonOptions common = options_for(given, {given.device});
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  const model::ModelConfig& config = loaded.config();
  const std::string need = "windows of --window " + std::to_string(options.window) + " tokens";
  check_positions(config, nullptr, options.window, need);
  const model::Tokenizer tokenizer(options.model, config);
  const std::vector<int> ids = evaluate::encode_file(tokenizer, options.text, options.window);
  Progress progress("window");
  evaluate::PerplexityOptions how;
  how.window = options.window;
  how.max_windows = options.max_windows;
  how.progress = [&](int done, int total) { progress.update(done, total); };

  if (const model::FloatModel* real = loaded.real()) {
    if (common.device != "cpu") {
      throw usage_error(options.model + " holds a floating-point model, which only the cpu runs; quantise it for --device " +
                        common.device);
    }
    reference::FloatReference reference(*real);
    const auto result = evaluate::perplexity(
        ids, config.vocab_size,
        [&](const int* window, int tokens) {
          return evaluate::LogitsView{reference.forward(window, tokens).data(), nullptr, 1.0};
        },
        how);
    print_perplexity(result, options,
                     {{"weight_bits", 32}, {"activations", "float"}, {"eight_bit_share", nullptr}, {"device", "cpu"}},
                     common.format);
    return ExitCode::kOk;
  }
  const model::IntegerModel& m = *loaded.integer();
  const OpenDevice opened = open_device(common.device, m, common);
  check_sequence(*opened.device, options.window, 0, hls::kMaxChunk, need);
  std::vector<std::int32_t> logits;
  EightBitShare share;
  const auto result = evaluate::perplexity(ids, config.vocab_size, logits_of(*opened.device, logits, share), how);
  Json about = {{"weight_bits", m.weight_bits},
                {"activations", model::activations_name(m.widths.activations)},
                {"eight_bit_share", share.value()},
                {"device", opened.device->name()}};
  add_accelerator(about, opened);
  print_perplexity(result, options, about, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_eval(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, cli, "eval", "Perplexity of a text; floating-point directories are the baseline on the cpu.",
                  "squat eval --model MODEL --text models/tales/valid.txt --max-windows 16",
                  [&cli, options] { return eval(cli.common, *options); });
  add_model_option(*command, options->model, "model directory, integer or floating point");
  command->add_option("--text", options->text, "text; each non-empty line is encoded with a leading begin-of-text token")
      ->type_name("FILE")
      ->required();
  command->add_option("--max-windows", options->max_windows, "windows to evaluate (default: all complete ones)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command->add_option("--window", options->window, "tokens per window, 2..4096; all but the first are predicted (default 128)")
      ->type_name("N")
      ->check(CLI::Range(2, 4096).description(""));
  add_device_option(*command, cli.common);
}

}  // namespace squat::cli
