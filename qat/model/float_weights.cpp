// SPDX-License-Identifier: Apache-2.0
#include "qat/model/float_weights.hpp"

#include <string>

#include "host/model/error.hpp"
#include "host/model/float_tensors.hpp"

namespace squat::qat {
namespace {

/// The parameter of a tensor, which has the tensor's name and layout.
std::size_t index_of(const ParameterSet& parameters, const model::FilePlace& place) {
  const std::ptrdiff_t index = parameters.find(place.tensor);
  if (index < 0) throw usage_error(place.tensor + ": the model has no such weights");
  std::size_t size = 1;
  for (const std::uint64_t dimension : place.shape()) size *= dimension;
  if (parameters.info(static_cast<std::size_t>(index)).size != size)
    throw usage_error(place.tensor + ": the weights do not have the model's shape");
  return static_cast<std::size_t>(index);
}

}  // namespace

void set_weights(const model::FloatModel& from, ParameterSet& to) {
  model::for_each_weight(from, [&](const model::FilePlace& place, const std::vector<float>& values) {
    if (values.size() != place.size()) throw usage_error(place.tensor + ": the weights do not have the model's shape");
    float* out = to.value(index_of(to, place));
    place.for_each_element([&](std::size_t here, std::size_t there) { out[there] = values[here]; });
  });
}

model::FloatModel get_weights(const model::ModelConfig& config, const ParameterSet& from) {
  model::FloatModel out;
  out.config = config;
  model::set_shapes(out);
  model::for_each_weight(out, [&](const model::FilePlace& place, std::vector<float>& values) {
    const float* in = from.value(index_of(from, place));
    values.resize(place.size());
    place.for_each_element([&](std::size_t here, std::size_t there) { values[here] = in[there]; });
  });
  return out;
}

}  // namespace squat::qat
