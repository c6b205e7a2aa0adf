// SPDX-License-Identifier: Apache-2.0
// squat eval: perplexity of a text, accuracy on minimal pairs or scores of a task, on any device or with the floating-point
// reference.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/eval_blimp.hpp"
#include "host/cli/eval_task.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/window_logits.hpp"
#include "host/cli/window_runner.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {
namespace {

struct EvalFlags {
  const CLI::App* command = nullptr;  ///< to ask which options were given
  std::string model, text, blimp, supplement, task;
  int max_windows = -1, max_pairs = -1, max_examples = -1;
  int window = 128;
  bool skip_bad = false;
};

using Json = nlohmann::ordered_json;

void print_perplexity(const evaluate::PerplexityResult& result, const EvalFlags& options, const Json& about, Format format) {
  Json object = {{"schema", "squat.eval/1"}, {"model", options.model},    {"text", options.text},
                 {"window", options.window}, {"windows", result.windows}, {"perplexity", result.perplexity},
                 {"tokens", result.tokens}};
  object.update(about);
  print_result(object, format);
}

/// Perplexity over several devices at once; adds what devices failed with to `failures`.
evaluate::PerplexityResult on_all(std::vector<OpenDevice>& opened, const std::vector<int>& ids,
                                  const evaluate::PerplexityOptions& how, engine::EightBitShare& share,
                                  std::vector<std::string>& failures) {
  auto windows = static_cast<int>(ids.size()) / how.window;
  if (how.max_windows >= 0) windows = std::min(windows, how.max_windows);
  const model::IntegerModel& m = opened[0].device->model();
  WindowRunner runner(opened, ids, how.window, windows);
  WindowRunner::Window window;
  const auto result = evaluate::perplexity(
      ids, m.config.vocab_size,
      [&](const int*, int) {
        window = runner.next();
        share.add(window.share);
        return evaluate::LogitsView{nullptr, window.logits.data(), m.logit_scale};
      },
      how);
  failures = runner.failures();
  return result;
}

ExitCode eval_text(const CommonOptions& common, const EvalFlags& options) {
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  const model::ModelConfig& config = loaded.config();
  const std::string need = "windows of --window " + std::to_string(options.window) + " tokens";
  engine::check_positions(config, nullptr, options.window, need);
  const model::Tokenizer tokenizer(options.model, config);
  const std::vector<int> ids = evaluate::encode_file(tokenizer, options.text, options.window);
  Progress progress("window");
  evaluate::PerplexityOptions how;
  how.window = options.window;
  how.max_windows = options.max_windows;
  how.progress = [&](int done, int total) { progress.update(done, total); };

  if (const model::FloatModel* real = loaded.real()) {
    refuse_float_model(options.model, common);
    reference::FloatReference reference(*real);
    const auto result = evaluate::perplexity(ids, config.vocab_size, logits_of(reference), how);
    print_perplexity(result, options,
                     {{"weight_bits", 32}, {"activations", "float"}, {"eight_bit_share", nullptr}, {"device", "cpu"}},
                     common.format);
    return ExitCode::kOk;
  }
  const model::IntegerModel& m = *loaded.integer();
  std::vector<OpenDevice> opened = open_devices(common.device, m, common);
  for (const OpenDevice& one : opened) engine::check_sequence(*one.device, options.window, 0, hls::kMaxChunk, need);
  engine::EightBitShare share;
  evaluate::PerplexityResult result;
  std::vector<std::string> failures;
  if (opened.size() == 1) {
    std::vector<std::int32_t> logits;
    result = evaluate::perplexity(ids, config.vocab_size, logits_of(*opened[0].device, logits, share), how);
  } else {
    result = on_all(opened, ids, how, share, failures);
  }
  Json about = {{"weight_bits", m.weight_bits},
                {"activations", model::activations_name(m.widths.activations)},
                {"eight_bit_share", share.value()},
                {"device", opened[0].device->name()}};
  if (!common.numbers.empty()) about["devices"] = common.numbers;
  add_accelerator(about, opened[0]);
  print_perplexity(result, options, about, common.format);
  for (const std::string& failure : failures) note(failure + "; the other devices computed its windows");
  return failures.empty() ? ExitCode::kOk : ExitCode::kDeviceFailed;
}

/// Throws usage_error when `option` was given and would decide nothing without `with`.
void refuse_without(const CLI::App& command, const char* option, const char* with) {
  if (command.get_option(option)->count() == 0 || command.get_option(with)->count() > 0) return;
  throw usage_error(std::string(option) + " goes with " + with + "; give both, or leave it out");
}

ExitCode eval(const CommonOptions& given, const EvalFlags& options) {
  const CLI::App& command = *options.command;
  const CommonOptions common = options_for(given, {given.device});
  const auto given_option = [&](const char* option) { return command.get_option(option)->count() > 0; };
  const bool text = given_option("--text"), blimp = given_option("--blimp"), task = given_option("--task");
  if (text + blimp + task != 1) {
    throw usage_error(
        "give either --text FILE, for perplexity, --blimp DIR, for minimal pairs, or --task FILE, for what the model was "
        "fine-tuned for");
  }
  for (const char* option : {"--max-windows", "--window"}) refuse_without(command, option, "--text");
  for (const char* option : {"--max-pairs", "--supplement"}) refuse_without(command, option, "--blimp");
  for (const char* option : {"--max-examples", "--skip-bad-lines"}) refuse_without(command, option, "--task");
  if (task) return eval_task(common, {options.model, options.task, options.max_examples, options.skip_bad});
  if (blimp) return eval_blimp(common, {options.model, options.blimp, options.supplement, options.max_pairs});
  return eval_text(common, options);
}

}  // namespace

void add_eval(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<EvalFlags>();
  CLI::App* command =
      add_command(app, cli, "eval",
                  "Perplexity of a text, accuracy on minimal pairs, or scores of a task that the model was fine-tuned for.\n"
                  "Floating-point directories are the baseline on the cpu.",
                  "squat eval --model MODEL --text models/tales/valid.txt --max-windows 16",
                  [&cli, options] { return eval(cli.common, *options); });
  options->command = command;
  add_model_option(*command, options->model, "model directory, integer or floating point");
  command->add_option("--text", options->text, "text; each non-empty line is encoded with a leading begin-of-text token")
      ->type_name("FILE");
  command
      ->add_option("--blimp", options->blimp,
                   "directory of minimal pairs: files *.jsonl with sentence_good and sentence_bad, one paradigm each.\n"
                   "The likelier sentence is the model's answer; --threads share the sentences")
      ->type_name("DIR");
  command->add_option("--supplement", options->supplement, "more minimal pairs, averaged with and without those of --blimp")
      ->type_name("DIR");
  command
      ->add_option("--task", options->task,
                   "labelled texts of the task in the model's task.json (squat finetune): tab-separated or JSON-lines.\n"
                   "The likeliest of the classes' tokens is the model's answer; --threads share the texts")
      ->type_name("FILE");
  command->add_option("--max-examples", options->max_examples, "first examples of the task's file (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command->add_flag("--skip-bad-lines", options->skip_bad, "leave out lines of the task's file that are no example");
  command->add_option("--max-pairs", options->max_pairs, "first pairs of each paradigm (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command->add_option("--max-windows", options->max_windows, "windows to evaluate (default: all complete ones)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command->add_option("--window", options->window, "tokens per window, 2..4096; all but the first are predicted (default 128)")
      ->type_name("N")
      ->check(CLI::Range(2, 4096).description(""));
  add_device_option(*command, cli.common);
}

}  // namespace squat::cli
