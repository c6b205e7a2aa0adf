// SPDX-License-Identifier: Apache-2.0
// The three forms of squat generate: one result, streamed text, a conversation.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "host/cli/devices.hpp"
#include "host/cli/token_printer.hpp"
#include "host/model/tokenizer.hpp"

namespace squat::cli {

struct GenerateOptions {
  int tokens = 32;
  int chunk = hls::kMaxChunk;
};

/// "text", "prompt_ids", "ids", "stopped", "eight_bit_share", "logits_sha256"; with `tokens` "layers" and "tokens", the
/// prompt's and the new ones: {"id", "text", "eight_bit_layers"}, null for the last, which is not run, and where the device
/// does not tell.
nlohmann::ordered_json generate_object(OpenDevice& opened, const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                                       const GenerateOptions& options, bool tokens);

/// Prompt and continuation on standard output as they come, the speed on standard error. Coloured text is a token late: its
/// width is known when it has run.
void stream_text(OpenDevice& opened, const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                 const GenerateOptions& options, bool colours);

/// Lines from standard input, each continued, until its end.
void converse(OpenDevice& opened, const model::Tokenizer& tokenizer, const GenerateOptions& options, bool colours);

}  // namespace squat::cli
