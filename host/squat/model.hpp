// SPDX-License-Identifier: Apache-2.0
// An integer model directory in memory: its shape, its vocabulary, its weights for any number of engines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "export.hpp"

namespace squat {

/// How many bits the activations of each token get; the weights' bits are the model's.
struct Widths {
  std::string activations = "8";  ///< "8" or "4": all tokens alike; "mixed": `rule` decides token by token and layer by layer
  std::string rule;               ///< of mixed models: "budget", "sequence", "prefix", "random" or "reversed"; else empty
  double share = 1.0;             ///< wanted share of 8-bit tokens, 0..1, in steps of 1/1024 (nearest); "8": 1, "4": 0
  std::uint32_t seed = 0;         ///< of the rule "random"
};

/// What a model directory says. All sizes are numbers of elements.
struct ModelConfig {
  std::string architecture;  ///< "llama" or "gpt2"
  int vocabulary = 0;        ///< token ids are 0 .. vocabulary - 1
  int context = 0;           ///< positions of a sequence; a device may have fewer, see Engine::context()
  int layers = 0;
  int hidden = 0;          ///< width of the residual stream
  int intermediate = 0;    ///< width inside the MLP
  int heads = 0;           ///< of queries
  int kv_heads = 0;        ///< of keys and values
  int head_dim = 0;        ///< channels of a head
  int weight_bits = 0;     ///< 4 or 8
  Widths widths;           ///< the policy the model was calibrated for, which an Engine follows unless told otherwise
  double logit_scale = 0;  ///< real logit = integer logit * logit_scale
  int bos_id = 0;          ///< begin of text; encode() puts it first
  int eos_id = 0;          ///< end of text; ends Engine::generate()
};

/// An integer model, read once. A value that is cheap to copy: copies share one immutable model, and an Engine keeps the one it
/// was made of alive. All functions may be called on several threads at once, also on the same object.
class SQUAT_API Model {
 public:
  /// Reads and checks a directory that `squat quantize` or `squat qat` wrote (docs/reference/model_directory.md); its bytes
  /// need not be trusted. Throws Error: kUsage when it holds a floating-point model, kBadInput when a file is missing or
  /// damaged.
  static Model open(const std::filesystem::path& directory);

  const ModelConfig& config() const noexcept;
  const std::filesystem::path& directory() const noexcept;

  /// Whether the directory has a vocabulary file. Without one a model runs on token ids, and encode() and decode() throw.
  bool has_tokenizer() const noexcept;
  /// Token ids of a UTF-8 text, config().bos_id before them when `bos`. Throws Error: kBadInput when the text is not UTF-8,
  /// kUsage when there is no vocabulary.
  std::vector<int> encode(const std::string& text, bool bos = true) const;
  /// UTF-8 text of token ids; control tokens give nothing, a character whose bytes are not complete U+FFFD. Throws Error:
  /// kUsage for an id out of 0 .. vocabulary - 1, or when there is no vocabulary.
  std::string decode(const std::vector<int>& ids) const;

  struct Impl;  ///< not for users of the library

 private:
  friend class Engine;
  explicit Model(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;  ///< never null but after being moved from
};

}  // namespace squat
