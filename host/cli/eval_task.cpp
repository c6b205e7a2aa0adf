// SPDX-License-Identifier: Apache-2.0
#include "host/cli/eval_task.hpp"

#include <algorithm>
#include <chrono>

#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/sequence_runners.hpp"
#include "host/cli/sha256.hpp"
#include "host/evaluate/class_predictions.hpp"
#include "host/task/labels.hpp"
#include "host/task/layout.hpp"
#include "host/task/task_file.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;
using evaluate::ClassScores;
using evaluate::Confusion;

std::string hash_of(const std::vector<int>& predictions) {
  Sha256 hash;
  const std::vector<std::int32_t> words(predictions.begin(), predictions.end());
  hash.add(words.data(), words.size());
  return hash.finish();
}

/// What a model reaches that always gives the same answer: nothing below is worth anything.
Json constant_answers(const Confusion& confusion, const task::Task& task) {
  int largest = 0;
  double best = -1;
  for (int c = 0; c < confusion.classes(); ++c) {
    if (confusion.truths(c) > confusion.truths(largest)) largest = c;
    best = std::max(best, evaluate::score_of(evaluate::class_scores(confusion.constant(c)), task.metric));
  }
  return {{"majority_class", task.classes[static_cast<std::size_t>(largest)].name},
          {"majority_accuracy", evaluate::class_scores(confusion.constant(largest)).accuracy},
          {"constant_score", best}};
}

Json class_rows(const Confusion& confusion, const task::Task& task) {
  Json rows = Json::array();
  for (int c = 0; c < confusion.classes(); ++c) {
    const task::TaskClass& one = task.classes[static_cast<std::size_t>(c)];
    rows.push_back({{"class", one.name},
                    {"word", one.word},
                    {"token", one.token},
                    {"examples", confusion.truths(c)},
                    {"predicted", confusion.predicted(c)},
                    {"right", confusion.at(c, c)}});
  }
  return rows;
}

}  // namespace

TaskTexts encode_examples(const task::ExampleFile& file, const task::Task& task, const model::Tokenizer& tokenizer) {
  const task::Layout layout(task.forms[file.form].layout);
  TaskTexts texts;
  Progress progress("encoding text");
  const int total = static_cast<int>(file.examples.size());
  for (const task::Example& example : file.examples) {
    try {
      task::TextTokens encoded = task::encode(layout, example.texts, tokenizer, task.longest);
      texts.cut += encoded.cut;
      texts.ids.push_back(std::move(encoded.ids));
    } catch (const Error& error) {
      throw Error(error.code(), file.file + ": line " + std::to_string(example.line) + ": " + error.what());
    }
    texts.truths.push_back(example.target);
    progress.update(static_cast<int>(texts.ids.size()), total);
  }
  return texts;
}

void note_skipped(const task::ExampleFile& file) {
  if (file.skipped == 0) return;
  note(file.file + ": left out " + std::to_string(file.skipped) + " bad lines; the first: " + file.first_skipped);
}

Json task_scores(const model::LoadedModel& loaded, const task::Task& task, const TaskTexts& texts,
                 const CommonOptions& common) {
  SequenceRunners runners;
  open_runners(loaded, common, engine::RowRange::kLast, runners);
  if (task.longest > runners.longest) {
    std::size_t longest = 0;
    for (const std::vector<int>& ids : texts.ids) longest = std::max(longest, ids.size());
    if (longest > static_cast<std::size_t>(runners.longest)) {
      throw usage_error("the task's texts have up to " + std::to_string(longest) + " tokens, beyond " +
                        std::to_string(runners.longest) + ": " + runners.what +
                        "; use another device, or fine-tune with a smaller --length");
    }
  }
  std::vector<int> tokens;
  for (const task::TaskClass& c : task.classes) tokens.push_back(c.token);
  Progress progress("text");
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<int> predictions = evaluate::predict_classes(texts.ids, loaded.config().vocab_size, tokens, runners.workers,
                                                                 [&](int done, int total) { progress.update(done, total); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Confusion confusion(static_cast<int>(task.classes.size()));
  std::size_t count = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    confusion.add(texts.truths[i], predictions[i]);
    count += texts.ids[i].size();
  }
  const ClassScores scores = evaluate::class_scores(confusion);
  const auto maybe = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  Json object = {{"metric", evaluate::metric_name(task.metric)},
                 {"score", evaluate::score_of(scores, task.metric)},
                 {"accuracy", scores.accuracy},
                 {"stderr", maybe(scores.error)},
                 {"f1", maybe(scores.f1)},
                 {"f1_macro", scores.f1_macro},
                 {"matthews", scores.matthews},
                 {"examples", scores.examples}};
  object.update(constant_answers(confusion, task));
  object.update({{"cut", texts.cut}, {"longest", task.longest}, {"predictions_sha256", hash_of(predictions)}});
  add_runners(object, loaded, runners);
  object.update({{"threads", runners.workers.size()}, {"tokens", count}, {"seconds", seconds}});
  object["classes"] = class_rows(confusion, task);
  return object;
}

ExitCode eval_task(const CommonOptions& common, const TaskOptions& options) {
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  if (loaded.real() != nullptr) refuse_float_model(options.model, common);
  const task::Task task = task::read_task(options.model, loaded.config().vocab_size);
  const model::Tokenizer tokenizer(options.model, loaded.config());
  const task::ExampleFile file = task::open_examples(options.task, task, options.skip_bad, options.max_examples);
  note_skipped(file);
  Json object = {{"schema", "squat.eval/1"}, {"model", options.model}, {"task", options.task}, {"name", task.name}};
  object.update(task_scores(loaded, task, encode_examples(file, task, tokenizer), common));
  object["skipped"] = file.skipped;
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace squat::cli
