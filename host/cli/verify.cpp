// SPDX-License-Identifier: Apache-2.0
// squat verify: do two devices compute the same integers?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <random>

#include "host/cli/command.hpp"
#include "host/cli/compare_devices.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/engine/sequence.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"

namespace squat::cli {
namespace {

struct VerifyFlags {
  std::string model, against = "ref", text;
  int prompt_tokens = 32;
  int decode = 8;
  int chunk = hls::kMaxChunk;
};

constexpr const char* kFlags = "--prompt-tokens plus --decode";

/// From the text, or drawn from the whole vocabulary.
std::vector<int> choose_ids(const VerifyFlags& options, const model::ModelConfig& config, std::uint32_t seed) {
  const int total = options.prompt_tokens + options.decode;
  engine::check_positions(config, nullptr, total, kFlags);
  if (options.text.empty()) {
    std::mt19937 random(seed);
    std::vector<int> ids(static_cast<std::size_t>(total));
    for (int& id : ids) id = static_cast<int>(random() % static_cast<std::uint32_t>(config.vocab_size));
    return ids;
  }
  std::vector<int> ids = evaluate::encode_file(model::Tokenizer(options.model, config), options.text);
  if (static_cast<int>(ids.size()) < total) {
    throw usage_error(options.text + " has " + std::to_string(ids.size()) +
                      " tokens, fewer than --prompt-tokens plus --decode = " + std::to_string(total));
  }
  ids.resize(static_cast<std::size_t>(total));
  return ids;
}

ExitCode verify(const CommonOptions& given, const VerifyFlags& options) {
  const CommonOptions common = options_for(given, {given.device, options.against});
  const model::IntegerModel m = model::load_integer_model(options.model);
  const std::vector<int> ids = choose_ids(options, m.config, common.seed);
  const OpenDevice a = open_device(common.device, m, common);
  const OpenDevice b = open_device(options.against, m, common);
  for (const OpenDevice* opened : {&a, &b}) {
    engine::check_sequence(*opened->device, options.prompt_tokens, options.decode, options.chunk, kFlags);
  }
  Progress progress("token");
  const Comparison result = compare_devices(*a.device, *b.device, ids, options.prompt_tokens, options.chunk,
                                            [&](int done, int total) { progress.update(done, total); });
  nlohmann::ordered_json object = {{"schema", "squat.verify/1"},
                                   {"model", options.model},
                                   {"device", a.device->name()},
                                   {"against", b.device->name()},
                                   {"prompt_tokens", options.prompt_tokens},
                                   {"decode", options.decode},
                                   {"compared", result.tensors ? "every tensor" : "key-value cache, widths and logits"},
                                   {"passes", result.passes},
                                   {"values", result.values},
                                   {"equal", !result.difference.has_value()}};
  add_accelerator(object, a.config.empty() ? b : a);
  if (result.difference) {
    const Difference& d = *result.difference;
    object["difference"] = {{"pass", d.pass},   {"layer", d.layer}, {"tensor", d.tensor},
                            {"index", d.index}, {"a", d.a},         {"b", d.b}};
  }
  print_result(object, common.format);
  return result.difference ? ExitCode::kCheckFailed : ExitCode::kOk;
}

}  // namespace

void add_verify(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<VerifyFlags>();
  CLI::App* command =
      add_command(app, cli, "verify",
                  "Run two devices on the same tokens and compare what both can show.\n"
                  "Every tensor between cpu and ref;\n"
                  "the key-value cache of every layer, the widths and every logit where an accelerator takes part.\n"
                  "Exit code 1 and the first difference (pass, layer, tensor, index, both values) when they differ.",
                  "squat verify --model MODEL --device sim --against ref --prompt-tokens 32 --decode 4",
                  [&cli, options] { return verify(cli.common, *options); });
  add_model_option(*command, options->model, "integer model directory, from quantize");
  add_device_option(*command, cli.common);
  command->add_option("--against", options->against, "the other device (default ref)")
      ->type_name("NAME")
      ->check(computing_device());
  command->add_option("--prompt-tokens", options->prompt_tokens, "tokens run together first (default 32)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  command->add_option("--decode", options->decode, "tokens run one by one afterwards (default 8)")
      ->type_name("N")
      ->check(CLI::Range(0, 1 << 20).description(""));
  command->add_option("--chunk", options->chunk, "prompt tokens per forward pass, 1..128 (default 128)")
      ->type_name("C")
      ->check(CLI::Range(1, hls::kMaxChunk).description(""));
  command->add_option("--text", options->text, "take the tokens from this text (default: drawn at random with --seed)")
      ->type_name("FILE");
}

}  // namespace squat::cli
