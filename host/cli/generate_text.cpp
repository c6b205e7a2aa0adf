// SPDX-License-Identifier: Apache-2.0
#include "host/cli/generate_text.hpp"

#include <algorithm>
#include <cstdio>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/sha256.hpp"
#include "host/engine/generation.hpp"
#include "host/engine/pass_rules.hpp"
#include "host/model/error.hpp"
#include "host/model/text_stream.hpp"

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
        generation_(*opened.device, opened.clock_mhz, colours),
        printer_(colours, opened.device->model().config.layers),
        text_(std::make_unique<model::TextStream>(tokenizer)) {}

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
    std::string piece;
    const auto chosen = [&](int id) {
      ++made;
      piece = text_->add(id);
      unread_ = id;
      if (!colours_) printer_.print(piece, std::nullopt);
      return true;
    };
    generation_.extend(options_.tokens, chosen, [&](std::optional<int> width) {
      unread_.reset();
      decode_ms += generation_.milliseconds();
      if (colours_) printer_.print(piece, width);
    });
    if (colours_) printer_.print(piece, std::nullopt);
    printer_.print(text_->finish() + "\n", std::nullopt);
    say_speed(static_cast<int>(ids.size()), first_ms, made, decode_ms);
  }

  /// Positions left after the tokens read and the one that waits.
  int room() const { return opened_.device->context() - opened_.device->position() - (unread_ ? 1 : 0); }

  void clear() {
    generation_.reset();
    unread_.reset();
    text_ = std::make_unique<model::TextStream>(tokenizer_);
  }

 private:
  void say_speed(int prompt, double first_ms, int made, double decode_ms) const {
    std::string line =
        std::to_string(made) + " tokens, first after " + fixed(first_ms, 1) + " ms (" + std::to_string(prompt) + " read)";
    if (made > 1 && decode_ms > 0) line += ", then " + fixed(1e3 * (made - 1) / decode_ms, 1) + " tokens/s";
    line += ", " + opened_.source + " on " + opened_.device->name();
    if (opened_.clock_mhz > 0) line += " at an assumed " + std::to_string(opened_.clock_mhz) + " MHz";
    note(line + "; " + fixed(100 * generation_.eight_bit_share(), 1) + " % of widths 8 bit");
  }

  OpenDevice& opened_;
  const model::Tokenizer& tokenizer_;
  GenerateOptions options_;
  bool colours_;
  engine::Generation generation_;
  TokenPrinter printer_;
  std::unique_ptr<model::TextStream> text_;
  std::optional<int> unread_;  ///< the last token, shown and not run
};

/// What a result needs beside the logits.
struct Beside {
  std::unique_ptr<Sha256> hash;     ///< of no logits yet
  model::TextStream text;           ///< after the prompt
  std::vector<std::string> pieces;  ///< of the prompt, token by token
};

Beside beside(const model::Tokenizer& tokenizer, const std::vector<int>& prompt, bool tokens) {
  Beside made{std::make_unique<Sha256>(), model::TextStream(tokenizer), {}};
  if (!tokens) return made;
  for (const int id : prompt) made.pieces.push_back(made.text.add(id));
  return made;
}

}  // namespace

Json generate_object(OpenDevice& opened, const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                     const GenerateOptions& options, bool tokens) {
  engine::Generation generation(*opened.device, opened.clock_mhz, tokens);
  Progress progress("generating token");
  std::vector<int> ids;
  // Libraries take a millisecond for their first hash and the prompt's pieces: as long as the device works anyway.
  auto making = std::async(std::launch::async, beside, std::cref(tokenizer), std::cref(prompt), tokens);
  std::vector<std::optional<int>> eight = generation.read(prompt, options.chunk);
  Beside made = making.get();
  const auto chosen = [&](int id) {
    made.hash->add(generation.logits().data(), generation.logits().size());
    ids.push_back(id);
    progress.update(static_cast<int>(ids.size()), options.tokens);
    return true;
  };
  const engine::Stop stopped =
      generation.extend(options.tokens, chosen, [&](std::optional<int> layers) { eight.push_back(layers); });
  eight.push_back(std::nullopt);
  Json object = {{"text", continuation(tokenizer, prompt, ids)},
                 {"prompt_ids", prompt},
                 {"ids", ids},
                 {"stopped", stopped == engine::Stop::kEnd ? "eos" : "length"},
                 {"eight_bit_share", generation.eight_bit_share()},
                 {"logits_sha256", made.hash->finish()}};
  if (!tokens) return object;
  object["layers"] = opened.device->model().config.layers;
  std::vector<int> all = prompt;
  all.insert(all.end(), ids.begin(), ids.end());
  for (const int id : ids) made.pieces.push_back(made.text.add(id));
  made.pieces.back() += made.text.finish();
  for (std::size_t i = 0; i < all.size(); ++i) {
    object["tokens"].push_back(
        {{"id", all[i]}, {"text", made.pieces[i]}, {"eight_bit_layers", eight[i] ? Json(*eight[i]) : Json()}});
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
      if (fresh) engine::check_sequence(*opened.device, needed, 0, options.chunk, "the line");
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
