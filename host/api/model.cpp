// SPDX-License-Identifier: Apache-2.0
#include "host/squat/model.hpp"

#include <algorithm>
#include <utility>

#include "hls/softmax.hpp"
#include "host/api/checked.hpp"
#include "host/api/model_impl.hpp"
#include "host/api/widths.hpp"
#include "host/model/model_directory.hpp"

namespace squat {
namespace {

ModelConfig config_of(const model::IntegerModel& m) {
  ModelConfig config;
  config.architecture = m.config.model_type;
  config.vocabulary = m.config.vocab_size;
  config.context = std::min(m.config.max_positions, hls::kMaxKeys);
  config.layers = m.config.layers;
  config.hidden = m.config.hidden_size;
  config.intermediate = m.config.intermediate_size;
  config.heads = m.config.heads;
  config.kv_heads = m.config.kv_heads;
  config.head_dim = m.config.head_dim;
  config.weight_bits = m.weight_bits;
  config.widths = api::widths_of(m.widths);
  config.logit_scale = m.logit_scale;
  config.bos_id = m.config.bos_id;
  config.eos_id = m.config.eos_id;
  return config;
}

const model::Tokenizer& tokenizer_of(const Model::Impl& impl) {
  if (impl.tokenizer) return *impl.tokenizer;
  throw usage_error(
      impl.directory.string() +
      ": has no vocabulary (tokenizer.model or tokenizer.json); use token ids, or copy it from the model's source");
}

}  // namespace

Model::Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Model Model::open(const std::filesystem::path& directory) {
  return api::checked([&] {
    auto impl = std::make_shared<Impl>();
    impl->directory = directory;
    impl->integers = model::load_integer_model(directory);
    impl->config = config_of(impl->integers);
    if (!model::Tokenizer::find(directory).empty()) impl->tokenizer.emplace(directory, impl->integers.config);
    return Model(std::move(impl));
  });
}

const ModelConfig& Model::config() const noexcept { return impl_->config; }

const std::filesystem::path& Model::directory() const noexcept { return impl_->directory; }

bool Model::has_tokenizer() const noexcept { return impl_->tokenizer.has_value(); }

std::vector<int> Model::encode(const std::string& text, bool bos) const {
  return api::checked([&] { return tokenizer_of(*impl_).encode(text, bos); });
}

std::string Model::decode(const std::vector<int>& ids) const {
  return api::checked([&] { return tokenizer_of(*impl_).decode(ids); });
}

}  // namespace squat
