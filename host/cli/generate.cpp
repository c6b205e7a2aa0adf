// SPDX-License-Identifier: Apache-2.0
// squat generate: greedy text, with a hash of every logit that was sampled from.
#include <algorithm>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/forward.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/sha256.hpp"
#include "host/model/error.hpp"
#include "host/model/tokenizer.hpp"

namespace squat::cli {
namespace {

struct Options {
  std::string model, prompt;
  int tokens = 32;
  int chunk = hls::kMaxChunk;
};

std::vector<int> encode_prompt(const model::Tokenizer& tokenizer, const Options& options) {
  std::vector<int> ids;
  try {
    ids = tokenizer.encode(options.prompt, true);
  } catch (const Error& error) {
    throw usage_error(std::string("--prompt: ") + error.what());
  }
  if (ids.size() < 2) throw usage_error("--prompt is empty: give at least one word to continue");
  return ids;
}

/// What a prompt and its continuation need; the last token is not run.
std::string needs(const std::vector<int>& prompt, const Options& options) {
  return "--prompt of " + std::to_string(prompt.size()) + " tokens and --tokens " + std::to_string(options.tokens);
}

/// The text the new ids add: the vocabulary drops a space at the start of a text, so it is cut from the whole.
std::string continuation(const model::Tokenizer& tokenizer, const std::vector<int>& prompt, const std::vector<int>& ids) {
  std::vector<int> all = prompt;
  all.insert(all.end(), ids.begin(), ids.end());
  const std::string before = tokenizer.decode(prompt), whole = tokenizer.decode(all);
  return whole.compare(0, before.size(), before) == 0 ? whole.substr(before.size()) : tokenizer.decode(ids);
}

ExitCode generate(const CommonOptions& given, const Options& options) {
  const CommonOptions common = options_for(given, {given.device});
  const model::IntegerModel m = open_integer_model(options.model);
  const model::Tokenizer tokenizer(options.model, m.config);
  const std::vector<int> prompt = encode_prompt(tokenizer, options);
  const int length = static_cast<int>(prompt.size());
  check_positions(m.config, nullptr, static_cast<long long>(length) + options.tokens - 1, needs(prompt, options));
  OpenDevice opened = open_device(common.device, m, common);
  engine::Device& device = *opened.device;
  check_sequence(device, length, options.tokens - 1, options.chunk, needs(prompt, options));

  Sha256 hash;
  EightBitShare share;
  std::vector<std::int32_t> row;
  const auto take = [&](const engine::PassResult& pass) {
    share.add(pass);
    row = pass.logits;
  };
  Progress progress("generating token");
  std::vector<int> ids;
  std::string stopped = "length";
  run_in_chunks(device, prompt, options.chunk, engine::RowRange::kLast, take);
  for (;;) {
    hash.add(row.data(), row.size());
    // Ties go to the lower id.
    ids.push_back(static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin()));
    progress.update(static_cast<int>(ids.size()), options.tokens);
    if (ids.back() == m.config.eos_id) stopped = "eos";
    if (stopped == "eos" || static_cast<int>(ids.size()) == options.tokens) break;
    take(device.run({ids.back()}, engine::RowRange::kLast));
  }
  nlohmann::ordered_json object = {{"schema", "squat.generate/1"},
                                   {"model", options.model},
                                   {"device", device.name()},
                                   {"prompt", options.prompt},
                                   {"text", continuation(tokenizer, prompt, ids)},
                                   {"prompt_ids", prompt},
                                   {"ids", ids},
                                   {"stopped", stopped},
                                   {"eight_bit_share", share.value()},
                                   {"logits_sha256", hash.finish()}};
  add_accelerator(object, opened);
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_generate(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, cli, "generate", "Continue a text, always with the likeliest token (greedy).",
                                  "squat generate --model MODEL --prompt \"There was once a King\" --tokens 32",
                                  [&cli, options] { return generate(cli.common, *options); });
  add_model_option(*command, options->model, "integer model directory, from quantize");
  command->add_option("--prompt", options->prompt, "text to continue; a begin-of-text token is put before it")
      ->type_name("TEXT")
      ->required();
  command->add_option("--tokens", options->tokens, "tokens to generate at most; an end-of-text token ends earlier (default 32)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  command
      ->add_option("--chunk", options->chunk,
                   "prompt tokens per forward pass, 1..128 (default 128); with the budget rule and\n"
                   "in uniform models it does not change the result")
      ->type_name("C")
      ->check(CLI::Range(1, hls::kMaxChunk).description(""));
  add_device_option(*command, cli.common);
}

}  // namespace squat::cli
