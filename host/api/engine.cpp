// SPDX-License-Identifier: Apache-2.0
#include "host/squat/engine.hpp"

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "hls/token_control.hpp"
#include "host/api/checked.hpp"
#include "host/api/engine_options.hpp"
#include "host/api/model_impl.hpp"
#include "host/api/widths.hpp"
#include "host/backends/xrt/device_thread.hpp"
#include "host/engine/generation.hpp"
#include "host/model/text_stream.hpp"

namespace squat {
namespace {

/// The model itself, or a copy with another policy.
std::shared_ptr<const model::IntegerModel> integers_with(const std::shared_ptr<const Model::Impl>& impl,
                                                         const std::optional<Widths>& widths) {
  if (!widths) return {impl, &impl->integers};
  auto copy = std::make_shared<model::IntegerModel>(impl->integers);
  copy->widths = api::policy_of(*widths, impl->integers.widths);
  return copy;
}

devices::OpenDevice open(const EngineOptions& options, const model::IntegerModel& integers) {
  return std::move(devices::open_devices(options.device, integers, api::device_options(options)).front());
}

StopReason reason_of(engine::Stop stopped) {
  switch (stopped) {
    case engine::Stop::kEnd:
      return StopReason::kEnd;
    case engine::Stop::kContext:
      return StopReason::kContext;
    case engine::Stop::kAsked:
      return StopReason::kCallback;
    case engine::Stop::kLength:
      break;
  }
  return StopReason::kLength;
}

}  // namespace

struct Engine::Impl {
  Impl(const Model& of, const EngineOptions& options)
      : origin(of),
        integers(integers_with(of.impl_, options.widths)),
        widths(api::widths_of(integers->widths)),
        opened(open(options, *integers)),
        name(opened.device->name()),
        generation(*opened.device, opened.clock_mhz, false) {}

  void read(const std::vector<int>& ids, int chunk) {
    engine::check_read(*opened.device, ids, chunk, "tokens to read");
    run([&] { generation.read(ids, chunk); });
    history.insert(history.end(), ids.begin(), ids.end());
  }

  /// Calls of the device, which has no usable sequence when one fails.
  template <class F>
  std::invoke_result_t<F> run(F&& f) {
    if (failed) throw Error(ExitCode::kDeviceFailed, "the device " + name + " failed before; call reset() to open it again");
    try {
      return f();
    } catch (...) {
      failed = true;
      throw;
    }
  }

  Generated generate(const std::vector<int>& prompt, const GenerateOptions& options, const OnToken& on_token,
                     std::exception_ptr& thrown);

  Model origin;
  std::shared_ptr<const model::IntegerModel> integers;
  Widths widths;
  devices::OpenDevice opened;
  std::string name;
  engine::Generation generation;
  std::vector<int> history;  ///< all tokens read
  bool failed = false;
};

Generated Engine::Impl::generate(const std::vector<int>& prompt, const GenerateOptions& options, const OnToken& on_token,
                                 std::exception_ptr& thrown) {
  api::check(options);
  Generated result;
  read(prompt, options.chunk);
  result.prompt_ms = generation.milliseconds();
  std::optional<model::TextStream> text;
  if (options.text && origin.has_tokenizer()) text.emplace(*origin.impl_->tokenizer, history);
  const auto chosen = [&](int id) {
    result.ids.push_back(id);
    const Token token{id, text ? text->add(id) : std::string()};
    result.text += token.text;
    try {
      return !on_token || on_token(token);
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  };
  const auto was_read = [&](std::optional<int>) {
    result.decode_ms += generation.milliseconds();
    history.push_back(result.ids.back());
  };
  result.stopped = reason_of(run([&] { return generation.extend(options.tokens, chosen, was_read); }));
  if (text) result.text += text->finish();
  return result;
}

Engine::Engine(const Model& model, const EngineOptions& options)
    : impl_(api::checked([&] { return std::make_unique<Impl>(model, options); })) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

const Model& Engine::model() const noexcept { return impl_->origin; }
const Widths& Engine::widths() const noexcept { return impl_->widths; }
const std::string& Engine::device() const noexcept { return impl_->name; }
const std::string& Engine::time_source() const noexcept { return impl_->opened.source; }
int Engine::position() const noexcept { return impl_->opened.device->position(); }
int Engine::context() const noexcept { return impl_->opened.device->context(); }

void Engine::reset() {
  api::checked([&] {
    if (impl_->failed) impl_->opened.device->reopen();
    impl_->generation.reset();
    impl_->history.clear();
    impl_->failed = false;
  });
}

Logits Engine::prefill(const std::vector<int>& ids) {
  return api::checked([&] {
    impl_->read(ids, hls::kMaxChunk);
    return Logits{impl_->generation.logits(), impl_->integers->logit_scale};
  });
}

Logits Engine::decode(int id) { return prefill({id}); }

Generated Engine::generate(const std::vector<int>& prompt, const GenerateOptions& options, const OnToken& on_token) {
  std::exception_ptr thrown;
  Generated result = api::checked([&] { return impl_->generate(prompt, options, on_token, thrown); });
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

Generated Engine::generate_text(const std::string& prompt, const GenerateOptions& options, const OnToken& on_token) {
  return generate(impl_->origin.encode(prompt, position() == 0), options, on_token);
}

std::vector<std::string> Engine::devices() {
  return api::checked([] { return devices::available_devices(); });
}

bool Engine::driver_left_behind() noexcept { return backends::DeviceThread::any_left_behind(); }

}  // namespace squat
