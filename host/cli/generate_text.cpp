// SPDX-License-Identifier: Apache-2.0
#include "host/cli/generate_text.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "host/cli/forward.hpp"
#include "host/cli/generation.hpp"
#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/text_stream.hpp"
#include "host/engine/pass_rules.hpp"
#include "host/model/error.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The text the new ids add: the vocabulary drops a space at the start of a text, so it is cut from the whole.
std::string continuation(const model::Tokenizer& tokenizer, const std::vector<int>& prompt, const std::vector<int>& ids) {
  std::vector<int> all = prompt;
  all.insert(all.end(), ids.begin(), ids.end());
  const std::string before = tokenizer.decode(prompt), whole = tokenizer.decode(all);
  return whole.compare(0, before.size(), before) == 0 ? whole.substr(before.size()) : tokenizer.decode(ids);
}

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// Text that streams: prompts, then tokens one by one.
class Streaming {
 public:
  Streaming(OpenDevice& opened, const model::Tokenizer& tokenizer, const GenerateOptions& options, bool colours)
      : opened_(opened),
        tokenizer_(tokenizer),
        options_(options),
        colours_(colours),
        generation_(opened, colours),
        printer_(colours, opened.device->model().config.layers),
        text_(std::make_unique<TextStream>(tokenizer)) {}

  /// Reads ids after those before and shows their text when `echo`, then up to options.tokens new ones, as far as the context
  /// goes.
  void turn(std::vector<int> ids, int chunk, bool echo) {
    if (unread_) ids.insert(ids.begin(), *unread_);
    const bool first_shown = unread_.has_value();
    unread_.reset();
    const auto widths = generation_.read(ids, chunk);
    const double first_ms = generation_.milliseconds();
    for (std::size_t i = first_shown ? 1 : 0; i < ids.size(); ++i) {
      const std::string piece = text_->add(ids[i]);
      if (echo) printer_.print(piece, widths[i]);
    }
    int made = 0;
    double decode_ms = 0;
    bool ended = false;
    while (made < options_.tokens && !ended) {
      const int id = generation_.choose();
      ++made;
      ended = id == opened_.device->model().config.eos_id;
      const std::string piece = text_->add(id);
      unread_ = id;
      const bool more = made < options_.tokens && !ended && opened_.device->position() < opened_.device->context();
      if (!colours_ || !more) printer_.print(piece, std::nullopt);
      if (!more) break;
      const auto width = generation_.read({id}, 1);
      unread_.reset();
      decode_ms += generation_.milliseconds();
      if (colours_) printer_.print(piece, width.front());
    }
    printer_.print(text_->finish() + "\n", std::nullopt);
    say_speed(static_cast<int>(ids.size()), first_ms, made, decode_ms);
  }

  /// Positions left after the tokens read and the one that waits.
  int room() const { return opened_.device->context() - opened_.device->position() - (unread_ ? 1 : 0); }

  void clear() {
    generation_.reset();
    unread_.reset();
    text_ = std::make_unique<TextStream>(tokenizer_);
  }

 private:
  void say_speed(int prompt, double first_ms, int made, double decode_ms) const {
    std::string line =
        std::to_string(made) + " tokens, first after " + fixed(first_ms, 1) + " ms (" + std::to_string(prompt) + " read)";
    if (made > 1 && decode_ms > 0) line += ", then " + fixed(1e3 * (made - 1) / decode_ms, 1) + " tokens/s";
    line += ", " + generation_.source() + " on " + opened_.device->name();
    if (opened_.clock_mhz > 0) line += " at an assumed " + std::to_string(opened_.clock_mhz) + " MHz";
    note(line + "; " + fixed(100 * generation_.eight_bit_share(), 1) + " % of widths 8 bit");
  }

  OpenDevice& opened_;
  const model::Tokenizer& tokenizer_;
  GenerateOptions options_;
  bool colours_;
  Generation generation_;
  TokenPrinter printer_;
  std::unique_ptr<TextStream> text_;
  std::optional<int> unread_;  ///< the last token, shown and not run
};

}  // namespace

Json generate_object(OpenDevice& opened, const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                     const GenerateOptions& options, bool tokens) {
  Generation generation(opened, tokens);
  Progress progress("generating token");
  std::vector<int> ids;
  std::string stopped = "length";
  std::vector<std::optional<int>> eight = generation.read(prompt, options.chunk);
  for (;;) {
    ids.push_back(generation.choose());
    progress.update(static_cast<int>(ids.size()), options.tokens);
    if (ids.back() == opened.device->model().config.eos_id) stopped = "eos";
    if (stopped == "eos" || static_cast<int>(ids.size()) == options.tokens) break;
    eight.push_back(generation.read({ids.back()}, 1).front());
  }
  eight.push_back(std::nullopt);
  Json object = {{"text", continuation(tokenizer, prompt, ids)},
                 {"prompt_ids", prompt},
                 {"ids", ids},
                 {"stopped", stopped},
                 {"eight_bit_share", generation.eight_bit_share()},
                 {"logits_sha256", generation.logits_sha256()}};
  if (!tokens) return object;
  object["layers"] = opened.device->model().config.layers;
  TextStream text(tokenizer);
  std::vector<int> all = prompt;
  all.insert(all.end(), ids.begin(), ids.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string piece = text.add(all[i]) + (i + 1 == all.size() ? text.finish() : "");
    object["tokens"].push_back({{"id", all[i]}, {"text", piece}, {"eight_bit_layers", eight[i] ? Json(*eight[i]) : Json()}});
  }
  return object;
}

void stream_text(OpenDevice& opened, const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                 const GenerateOptions& options, bool colours) {
  Streaming(opened, tokenizer, options, colours).turn(prompt, options.chunk, true);
}

void converse(OpenDevice& opened, const model::Tokenizer& tokenizer, const GenerateOptions& options, bool colours) {
  Streaming streaming(opened, tokenizer, options, colours);
  note("context of " + std::to_string(opened.device->context()) +
       " tokens; an empty line continues, /clear forgets everything, Ctrl-D ends");
  const model::WidthPolicy& widths = opened.device->model().widths;
  const bool whole = widths.activations == model::Activations::kMixed && engine::ranks_whole_pass(widths.rule);
  for (bool fresh = true;;) {
    std::cerr << "> " << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) break;
    if (line == "/clear") {
      streaming.clear();
      fresh = true;
      continue;
    }
    try {
      const std::vector<int> ids = line.empty() ? std::vector<int>() : tokenizer.encode(line, fresh);
      if (ids.empty() && fresh) continue;
      const int needed = static_cast<int>(ids.size());
      if (needed > streaming.room()) {
        note("the line needs " + std::to_string(needed) + " positions and " + std::to_string(std::max(0, streaming.room())) +
             " are left of the context; /clear forgets everything");
        continue;
      }
      if (fresh) check_sequence(*opened.device, needed, 0, options.chunk, "the line");
      // A rule that ranks whole prompts decides later lines token by token, as it does when decoding.
      streaming.turn(ids, fresh || !whole ? options.chunk : 1, false);
      fresh = false;
    } catch (const Error& error) {
      if (error.code() != ExitCode::kUsage && error.code() != ExitCode::kBadInput) throw;
      note(error.what());
    }
  }
  std::cerr << '\n';
}

}  // namespace squat::cli
