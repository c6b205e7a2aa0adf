// SPDX-License-Identifier: Apache-2.0
// A model on a device: tokens in, logits or text out. All devices return the same integers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "export.hpp"
#include "model.hpp"

namespace squat {

/// Where and how a model runs. The words are those of the command line's options.
struct EngineOptions {
  /// "cpu" (this machine's processor) and "ref" (the golden model, slow and plain) are in every build. "sim" (the simulated
  /// accelerator) is where Verilator was at build time, "fpga" (a board) where XRT was; Engine::devices() tells.
  std::string device = "cpu";
  int threads = 1;                          ///< of cpu, 1..256
  std::string kernel = "auto";              ///< of cpu: instruction set, see `squat doctor`; auto: the fastest
  std::string config;                       ///< of sim: "sim", "kv260" or "alveo"; empty: SQUAT_SIM_CONFIG, else sim
  std::string transport = "auto";           ///< of sim: "xrt", "direct", or "auto": xrt where it is installed
  std::string xclbin;                       ///< of fpga, which needs it, and of sim through XRT
  unsigned number = 0;                      ///< of fpga and sim: which one, as XRT counts, 0..15
  std::chrono::milliseconds time_limit{0};  ///< of fpga and sim: longest wait for one answer, 100 ms .. 24 h; 0: by the work
  /// Of fpga and sim: asked about every 50 ms while the device works, perhaps on another thread; true ends the work, and this
  /// and later calls throw kDeviceFailed. Must not throw; may be empty. The library installs no signal handlers.
  std::function<bool()> stop;
  /// Another policy than the model's. "8" and "4" fit any model; another rule or share only one that was calibrated as mixed. A
  /// deviation from config().widths is exact on every device too, but its quality is nobody's promise: measure it.
  std::optional<Widths> widths;
};

/// Logits after one token, (vocabulary).
struct Logits {
  std::vector<std::int32_t> values;  ///< accumulators of the head; equal on every device, bit for bit
  double scale = 0;                  ///< real logit = value * scale
};

struct GenerateOptions {
  int tokens = 32;   ///< new tokens at most, at least 1
  int chunk = 128;   ///< prompt tokens per forward pass, 1..128; changes results only under rules that rank whole prompts
  bool text = true;  ///< whether tokens come with their text, where the model has a vocabulary
};

/// A new token, as it comes.
struct Token {
  int id = 0;
  std::string text;  ///< what it makes final: whole UTF-8 characters, empty while one waits for its last bytes
};

/// Receives every new token; false ends the generation. It must not call the engine. What it throws leaves generate(), the
/// sequence then being as after false.
using OnToken = std::function<bool(const Token& token)>;

enum class StopReason {
  kLength,   ///< as many tokens as asked for
  kEnd,      ///< the model chose its end-of-text token, which is the last id
  kContext,  ///< the context is full
  kCallback  ///< OnToken returned false
};

struct Generated {
  std::vector<int> ids;  ///< new tokens, the last one chosen and not read
  std::string text;      ///< their text; a character that never became complete is U+FFFD
  StopReason stopped = StopReason::kLength;
  double prompt_ms = 0;  ///< reading the prompt, until the first token could be chosen
  double decode_ms = 0;  ///< reading ids.size() - 1 new tokens, one by one
};

/// One sequence of tokens on one device: a key-value cache that grows with every token read. Only greedy: the likeliest token,
/// of equal ones the lower id. Movable, not copyable; a moved-from engine may only be assigned to or destroyed.
///
/// Threads: an engine may be used by one thread at a time, any. Several engines, of one model or more, may work at the same
/// time. Opening "sim" or "fpga" through XRT sets environment variables, so do that before other threads read or set any; one
/// process reaches either a board or XRT's emulation.
///
/// Errors: what is not noexcept throws Error and nothing else, but for what an OnToken throws. After kUsage the sequence is as
/// before the call; after any other kind call reset() before going on, which opens a device that failed again.
class SQUAT_API Engine {
 public:
  /// Packs the weights for the device, or uploads them. Throws Error: kUsage for an option out of its range or that the device
  /// does not read, kDeviceUnavailable for a device or kernel that this build or machine lacks, kDeviceFailed for one that does
  /// not answer.
  explicit Engine(const Model& model, const EngineOptions& options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// The model it was made of.
  const Model& model() const noexcept;
  /// The policy in force.
  const Widths& widths() const noexcept;
  /// "cpu", "ref", "sim" or "fpga".
  const std::string& device() const noexcept;
  /// Where the times of Generated come from: "measured" (the wall clock; on fpga the cycles it counted, at its
  /// configuration's clock) or "rtl-simulated" (cycles of the simulated accelerator at an assumed clock: no board ran).
  const std::string& time_source() const noexcept;

  /// Tokens read so far.
  int position() const noexcept;
  /// Positions a sequence can have here.
  int context() const noexcept;
  /// Forgets all tokens. Throws Error as the constructor does when a device that failed cannot be opened again.
  void reset();

  /// Reads tokens after those before, in passes of up to 128, and returns the logits after the last. ids: 1 or more, each 0 ..
  /// vocabulary - 1. A model whose rule ranks whole prompts takes up to 128 (on an accelerator perhaps fewer), and only at
  /// position 0. Throws Error: kUsage for ids out of range or more than the context holds, kDeviceFailed.
  Logits prefill(const std::vector<int>& ids);
  /// The same for one token.
  Logits decode(int id);

  /// Reads the prompt after the tokens before it and continues it greedily. To go on afterwards, let the next prompt begin with
  /// ids.back(), which was not read. Throws Error as prefill() does, and kUsage for options out of their ranges.
  Generated generate(const std::vector<int>& prompt, const GenerateOptions& options = {}, const OnToken& on_token = {});
  /// The same for a text, which a begin-of-text token precedes when nothing was read so far. Throws Error also as encode()
  /// does.
  Generated generate_text(const std::string& prompt, const GenerateOptions& options = {}, const OnToken& on_token = {});

  /// The devices of this build: "cpu", "ref", and "sim" and "fpga" where their parts are installed. That a board is there is
  /// only known when it is opened.
  static std::vector<std::string> devices();
  /// A driver did not return within its limit, and its thread holds locks that the process would wait for at its end: end the
  /// process by std::_Exit() then, not by returning from main().
  static bool driver_left_behind() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squat
