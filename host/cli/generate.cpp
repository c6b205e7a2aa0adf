// SPDX-License-Identifier: Apache-2.0
// squat generate: greedy text, as one result with a hash of every logit that was sampled from, or streamed to a terminal.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <future>
#include <iostream>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/generate_text.hpp"
#include "host/cli/open_model.hpp"
#include "host/engine/sequence.hpp"
#include "host/model/config_json.hpp"
#include "host/model/error.hpp"
#include "host/model/json_file.hpp"
#include "host/model/model_directory.hpp"

namespace squat::cli {
namespace {

struct GenerateFlags {
  std::string model, prompt, colour = "none";
  const CLI::Option *prompt_given = nullptr, *format_given = nullptr;
  GenerateOptions how;
  bool stream = false;
};

std::vector<int> encode_prompt(const model::Tokenizer& tokenizer, const std::string& text) {
  std::vector<int> ids;
  try {
    ids = tokenizer.encode(text, true);
  } catch (const Error& error) {
    throw usage_error(std::string("--prompt: ") + error.what());
  }
  if (ids.size() < 2) throw usage_error("--prompt is empty: give at least one word to continue");
  return ids;
}

/// The vocabulary, read beside the model; what is wrong with the configuration, reading the model says.
model::Tokenizer load_tokenizer(const std::string& directory) {
  const std::filesystem::path file = std::filesystem::path(directory) / "config.json";
  return {directory, model::config_from_json(model::read_json_object(file), file.string())};
}

/// What a prompt and its continuation need; the last token is not run.
std::string needs(const std::vector<int>& prompt, int tokens) {
  return "--prompt of " + std::to_string(prompt.size()) + " tokens and --tokens " + std::to_string(tokens);
}

ExitCode generate(const CommonOptions& given, const GenerateFlags& options) {
  const CommonOptions common = options_for(given, {given.device});
  const bool table = common.format == Format::kTable, asked = options.prompt_given->count() > 0;
  if (options.stream && !table) throw usage_error("--stream shows text as it comes; --format json, csv and md are one result");
  if (!asked && (!table || ::isatty(STDIN_FILENO) != 1)) {
    throw usage_error("--prompt is required where standard input is no terminal, and with --format json, csv and md");
  }
  devices::Opening opening = begin_opening(common);
  std::future<model::Tokenizer> loading = std::async(std::launch::async, load_tokenizer, options.model);
  const model::IntegerModel m = model::load_integer_model(options.model);
  // The weights go to the simulated accelerator while the vocabulary is read. What is wrong with that or the prompt is said
  // first.
  const auto open = [&] { return open_device(common.device, m, common, std::move(opening)); };
  std::future<OpenDevice> opened_later = std::async(opening.valid() ? std::launch::async : std::launch::deferred, open);
  const model::Tokenizer tokenizer = loading.get();
  const std::vector<int> prompt = asked ? encode_prompt(tokenizer, options.prompt) : std::vector<int>();
  const int length = static_cast<int>(prompt.size()), tokens = options.how.tokens;
  if (asked) engine::check_positions(m.config, nullptr, static_cast<long long>(length) + tokens - 1, needs(prompt, tokens));
  OpenDevice opened = opened_later.get();
  if (asked) engine::check_sequence(*opened.device, length, tokens - 1, options.how.chunk, needs(prompt, tokens));

  const bool colours = options.colour == "widths" && colours_allowed();
  if (!asked) {
    converse(opened, tokenizer, options.how, colours);
    return ExitCode::kOk;
  }
  if (options.stream || (table && options.format_given->count() == 0 && ::isatty(STDOUT_FILENO) == 1)) {
    stream_text(opened, tokenizer, prompt, options.how, colours);
    return ExitCode::kOk;
  }
  nlohmann::ordered_json object = {{"schema", "squat.generate/1"}, {"model", options.model}, {"device", opened.device->name()}};
  object["prompt"] = options.prompt;
  object.update(generate_object(opened, tokenizer, prompt, options.how, common.format == Format::kJson));
  add_accelerator(object, opened);
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_generate(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<GenerateFlags>();
  CLI::App* command = add_command(
      app, cli, "generate",
      "Continue a text, always with the likeliest token (greedy).\n"
      "On a terminal the text is shown as it comes, with its speed on standard error; without --prompt it is a conversation:\n"
      "each line you type is added to the text and continued, until the context is full. An empty line continues, /clear\n"
      "forgets everything, an end of file (Ctrl-D) ends.",
      "squat generate --model MODEL --prompt \"There was once a King\" --tokens 32",
      [&cli, options] { return generate(cli.common, *options); });
  add_model_option(*command, options->model, "integer model directory, from quantize");
  options->prompt_given =
      command->add_option("--prompt", options->prompt, "text to continue; a begin-of-text token is put before it")
          ->type_name("TEXT");
  command
      ->add_option("--tokens", options->how.tokens,
                   "tokens to generate at most; an end-of-text token ends earlier (default 32)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  command
      ->add_option("--chunk", options->how.chunk,
                   "prompt tokens per forward pass, 1..128 (default 128); with the budget rule and\n"
                   "in uniform models it does not change the result")
      ->type_name("C")
      ->check(CLI::Range(1, hls::kMaxChunk).description(""));
  command->add_flag("--stream", options->stream,
                    "show the text as it comes (default: when standard output is a terminal and --format is not given)");
  command
      ->add_option("--colour,--color", options->colour,
                   "widths: in streamed text cyan, magenta, yellow tokens had 8 bits in most, some, few layers; only on a\n"
                   "terminal, and not where NO_COLOR is set (default none)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"none", "widths"}).description(""));
  add_device_option(*command, cli.common);
  options->format_given = command->get_option("--format");
}

}  // namespace squat::cli
