// SPDX-License-Identifier: Apache-2.0
#include "qat/model/parameter_set.hpp"

#include <algorithm>
#include <stdexcept>

namespace squat::qat {

template <typename S>
std::size_t BasicParameterSet<S>::add(const std::string& name, std::vector<std::int64_t> shape, ParameterKind kind) {
  if (!index_.emplace(name, infos_.size()).second) throw std::invalid_argument("parameter " + name + " exists already");
  ParameterInfo info;
  info.name = name;
  info.kind = kind;
  info.decay = kind == ParameterKind::kMatrix;
  info.offset = values_.size();
  info.size = 1;
  for (const std::int64_t n : shape) info.size *= static_cast<std::size_t>(n);
  info.shape = std::move(shape);
  values_.resize(values_.size() + info.size, S{0});
  gradients_.resize(values_.size(), S{0});
  infos_.push_back(std::move(info));
  return infos_.size() - 1;
}

template <typename S>
std::ptrdiff_t BasicParameterSet<S>::find(const std::string& name) const {
  const auto it = index_.find(name);
  return it == index_.end() ? -1 : static_cast<std::ptrdiff_t>(it->second);
}

template <typename S>
void BasicParameterSet<S>::zero_gradients() {
  std::fill(gradients_.begin(), gradients_.end(), S{0});
  zero_ = true;
}

template <typename S>
void BasicParameterSet<S>::drop_gradients() {
  std::vector<S>().swap(gradients_);
}

template class BasicParameterSet<float>;
template class BasicParameterSet<double>;

}  // namespace squat::qat
