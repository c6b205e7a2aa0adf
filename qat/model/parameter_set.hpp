// SPDX-License-Identifier: Apache-2.0
// The parameters of a model under training: names, shapes and flags over two flat buffers (values, gradients).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace squat::qat {

enum class ParameterKind : std::uint8_t {
  kMatrix,     ///< weights of a linear layer, embedding, head, learned positions
  kNorm,       ///< gain or bias of a norm
  kBias,       ///< bias of a linear layer
  kScale,      ///< a quantiser's scale (alpha); must stay positive
  kZeroPoint,  ///< a quantiser's zero point
};

struct ParameterInfo {
  std::string name;  ///< Hugging Face name; scales: name of the matrix or site + ".alpha", ".alpha4", ".zero_point"
  std::vector<std::int64_t> shape;  ///< row-major; {1} for scales
  ParameterKind kind = ParameterKind::kMatrix;
  bool decay = true;      ///< weight decay applies: matrices, and scales of methods that ask for it
  bool trainable = true;  ///< false: the gradient is not computed and stays 0
  std::size_t offset = 0;
  std::size_t size = 0;  ///< product of shape
};

/// All values lie in one buffer and all gradients in another, at the same offsets and in the order of infos(), without holes:
/// optimiser, checkpoint and all-reduce may treat them as flat memory. Matrices come first.
/// S = float in training, double in tests.
template <typename S>
class BasicParameterSet {
 public:
  /// Adds a parameter of zeros and returns its index. Kinds other than kMatrix get decay = false.
  /// Invalidates pointers: call it while building the model only. Throws std::invalid_argument for a name that exists.
  std::size_t add(const std::string& name, std::vector<std::int64_t> shape, ParameterKind kind);

  std::size_t count() const { return infos_.size(); }
  const std::vector<ParameterInfo>& infos() const { return infos_; }
  const ParameterInfo& info(std::size_t index) const { return infos_[index]; }
  void set_trainable(std::size_t index, bool trainable) { infos_[index].trainable = trainable; }
  void set_decay(std::size_t index, bool decay) { infos_[index].decay = decay; }
  /// Index of a name, or -1.
  std::ptrdiff_t find(const std::string& name) const;

  /// Number of elements of all parameters together.
  std::size_t size() const { return values_.size(); }
  S* values() { return values_.data(); }
  const S* values() const { return values_.data(); }
  S* gradients() { return gradients_.data(); }
  const S* gradients() const { return gradients_.data(); }
  S* value(std::size_t index) { return values_.data() + infos_[index].offset; }
  const S* value(std::size_t index) const { return values_.data() + infos_[index].offset; }
  S* gradient(std::size_t index) { return gradients_.data() + infos_[index].offset; }
  const S* gradient(std::size_t index) const { return gradients_.data() + infos_[index].offset; }

  /// Models add to gradients; whoever starts a step zeroes them.
  void zero_gradients();
  /// Whether every gradient is 0, as far as known: models then write instead of adding, and say that they did.
  bool gradients_are_zero() const { return zero_; }
  void set_gradients_are_zero(bool zero) { zero_ = zero; }
  /// Frees the gradients of a model that is only run forward (a teacher); gradients() is nullptr afterwards.
  void drop_gradients();

 private:
  std::vector<ParameterInfo> infos_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<S> values_, gradients_;
  bool zero_ = true;
};

using ParameterSet = BasicParameterSet<float>;
extern template class BasicParameterSet<float>;
extern template class BasicParameterSet<double>;

}  // namespace squat::qat
