// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/perplexities.hpp"

#include <algorithm>

#include "host/evaluate/perplexity.hpp"
#include "host/evaluate/share_out.hpp"

namespace squat::analyze {

int StudyText::windows() const {
  const auto all = static_cast<int>(ids.size() / static_cast<std::size_t>(window));
  return max_windows < 0 ? all : std::min(all, max_windows);
}

std::vector<StudyResult> perplexities(const model::FloatModel& model,
                                      const std::vector<std::optional<reference::FakeQuant>>& variants, const StudyText& text,
                                      int threads, const std::function<void(int done, int total)>& progress) {
  std::vector<StudyResult> results(variants.size());
  const int total = static_cast<int>(variants.size());
  evaluate::share_out(total, threads, [&](int index, int thread) {
    const auto& variant = variants[static_cast<std::size_t>(index)];
    reference::FloatReference reference =
        variant ? reference::FloatReference(model, *variant) : reference::FloatReference(model);
    evaluate::PerplexityOptions options;
    options.window = text.window;
    options.max_windows = text.max_windows;
    const auto logits = [&](const int* ids, int tokens) {
      return evaluate::LogitsView{reference.forward(ids, tokens).data(), nullptr, 1.0};
    };
    StudyResult& result = results[static_cast<std::size_t>(index)];
    result.perplexity = evaluate::perplexity(text.ids, model.config.vocab_size, logits, options).perplexity;
    result.eight_bit_share = reference.eight_bit_share();
    if (thread == 0 && progress) progress(index + 1, total);
  });
  return results;
}

}  // namespace squat::analyze
