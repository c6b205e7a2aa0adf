// SPDX-License-Identifier: Apache-2.0
// What every device offers: forward passes over chunks of tokens with a key-value cache. All devices return the same integers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hls/softmax.hpp"
#include "hls/token_control.hpp"
#include "host/engine/pass_profile.hpp"
#include "host/model/integer_model.hpp"

namespace squat::engine {

/// Which rows of logits a pass returns.
enum class RowRange { kLast, kAll };

/// What an accelerator counts during one pass.
struct DeviceCounters {
  std::uint64_t cycles = 0;  ///< from start to done
  std::uint64_t mac_steps = 0;
  std::uint64_t read_beats = 0, write_beats = 0;
  std::uint64_t weight_stall = 0, drain_stall = 0;
};

struct PassResult {
  int tokens = 0;                                     ///< tokens of this pass
  int rows = 0;                                       ///< rows of logits: 1 or tokens
  std::vector<std::int32_t> logits;                   ///< (rows, vocab); real logit = value * model.logit_scale
  std::vector<std::uint32_t> eight_tokens_per_layer;  ///< (layers): 8-bit tokens of this pass by the layer's own widths
  std::optional<DeviceCounters> counters;
  std::vector<PassProfile> profiles;  ///< one per kernel start, when asked for
};

/// Receives every intermediate tensor of a pass, in the order of computation, as int32.
/// Per layer, tokens in position order, T tokens, L = first position + T:
///   input_code (T, hidden), q (T, heads*head_dim), k (T, kv_heads*head_dim), scores (heads, T, L) and prob (heads, T, L) with
///   0 for keys after the token, widths (T) with 1 = 8 bit, v (T, kv_heads*head_dim), attn_code (T, heads*head_dim),
///   residual_mid (T, hidden), mlp_code (T, hidden), gated (T, intermediate), residual_out (T, hidden).
/// With layer = number of layers: final_code (rows, hidden), logits (rows, vocab).
using Tap = std::function<void(int layer, const std::string& tensor, const std::vector<std::int32_t>& values)>;

/// The key-value cache of one layer: "cached_keys" and "cached_values" of comparisons, (position(), kv_heads * head_dim) each,
/// channels in the model's order.
struct CachedLayer {
  std::vector<std::int8_t> keys, values;
};

class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// "cpu", "ref", "sim", "fpga", "estimate".
  virtual std::string name() const = 0;
  virtual const model::IntegerModel& model() const = 0;

  /// Forgets all tokens.
  virtual void reset() = 0;

  /// Tokens so far: the position of the next token.
  virtual int position() const = 0;

  /// Positions a sequence can have here.
  virtual int context() const { return std::min(model().config.max_positions, hls::kMaxKeys); }

  /// The longest prompt that runs as one undivided pass, which rules that rank whole prompts need.
  virtual int longest_whole_pass() const { return hls::kMaxChunk; }

  /// One forward pass over 1..hls::kMaxChunk tokens that follow the ones before; the caller cuts longer prompts into chunks.
  /// Throws usage_error for what host/engine/pass_rules.hpp refuses.
  virtual PassResult run(const std::vector<int>& ids, RowRange rows) = 0;

  /// Installs (or, with an empty function, removes) a tap. False when the device cannot show its intermediate tensors.
  virtual bool set_tap(Tap tap) {
    (void)tap;
    return false;
  }

  /// Asks for counters of every command (PassResult::profiles), or ends it. False when the device has none.
  virtual bool set_profile(bool on) { return !on; }

  /// Opens the device again after a failure; it then has no tokens. False when there is nothing to open.
  virtual bool reopen() { return false; }

  /// What the device's own memory holds of a layer's keys and values.
  virtual CachedLayer cached(int layer) = 0;
};

}  // namespace squat::engine
