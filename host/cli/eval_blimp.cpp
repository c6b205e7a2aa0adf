// SPDX-License-Identifier: Apache-2.0
#include "host/cli/eval_blimp.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/sequence_runners.hpp"
#include "host/cli/sha256.hpp"
#include "host/evaluate/minimal_pairs.hpp"
#include "host/evaluate/pair_scores.hpp"
#include "host/model/input_file.hpp"
#include "host/model/model_directory.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using evaluate::Accuracy;
using evaluate::Paradigm;

constexpr std::uint64_t kMaxFile = 64u << 20;
constexpr const char* kMain = "blimp";
constexpr const char* kSupplement = "supplement";

struct PairSet {
  std::vector<Paradigm> paradigms;
  std::string sha256;  ///< of the lines "sha256  name" of its files, as sha256sum prints them
};

PairSet read_set(const std::string& directory, int max_pairs) {
  PairSet set;
  Sha256 all;
  const evaluate::PairFiles files = evaluate::pair_files(directory);
  for (const fs::path& name : files.names) {
    const fs::path file = files.directory / name;
    const std::string text = model::read_small_file(file, kMaxFile);
    Sha256 one;
    one.add(text);
    all.add(one.finish() + "  " + name.string() + "\n");
    set.paradigms.push_back(evaluate::parse_pairs(text, file.string(), fs::path(name).replace_extension().string(), max_pairs));
  }
  set.sha256 = all.finish();
  return set;
}

/// Tokens of every sentence, good and bad in turn. Throws input_error for those that do not fit into `longest` tokens.
void encode(const Paradigm& paradigm, const model::Tokenizer& tokenizer, int longest, const std::string& what,
            std::vector<std::vector<int>>& sentences) {
  for (const evaluate::MinimalPair& pair : paradigm.pairs) {
    for (const bool good : {true, false}) {
      const std::string where = paradigm.file + ": line " + std::to_string(pair.line) + ": field '" +
                                (good ? "sentence_good" : "sentence_bad") + "': ";
      try {
        sentences.push_back(tokenizer.encode(good ? pair.good : pair.bad, true));
      } catch (const Error& error) {
        throw Error(error.code(), where + error.what());
      }
      const std::size_t found = sentences.back().size();
      if (found <= static_cast<std::size_t>(longest)) continue;
      throw input_error(where + "expected at most " + std::to_string(longest) + " tokens (" + what + "), found " +
                        std::to_string(found) + "; leave the pair out");
    }
  }
}

Json numbers(const Accuracy& a) {
  return {{"accuracy", a.value}, {"pairs", a.pairs}, {"stderr", a.error ? Json(*a.error) : Json()}, {"ties", a.ties}};
}

/// One row per group: the mean of its paradigms, every paradigm with the same weight.
Json group_rows(const std::vector<std::pair<const Paradigm*, Accuracy>>& results, std::size_t main_count) {
  using Members = std::vector<Accuracy>;
  std::map<std::string, Members> fields, terms, sets;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& [paradigm, accuracy] = results[i];
    sets[i < main_count ? kMain : kSupplement].push_back(accuracy);
    if (!paradigm->field.empty()) fields[paradigm->field].push_back(accuracy);
    if (!paradigm->linguistics_term.empty()) terms[paradigm->linguistics_term].push_back(accuracy);
  }
  Json rows = Json::array();
  const auto add = [&](const char* kind, const std::map<std::string, Members>& groups) {
    for (const auto& [name, members] : groups) {
      Json row = {{"group", kind}, {"name", name}, {"paradigms", members.size()}};
      row.update(numbers(evaluate::mean_accuracy(members)));
      rows.push_back(row);
    }
  };
  add("set", sets);
  add("field", fields);
  add("linguistics_term", terms);
  return rows;
}

std::string hash_of(const std::vector<std::int64_t>& scores) {
  std::vector<std::int32_t> words;
  for (const std::int64_t score : scores) {
    const auto bits = static_cast<std::uint64_t>(score);
    words.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)));
    words.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits >> 32)));
  }
  Sha256 hash;
  hash.add(words.data(), words.size());
  return hash.finish();
}

}  // namespace

ExitCode eval_blimp(const CommonOptions& common, const BlimpOptions& options) {
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  if (loaded.real() != nullptr) refuse_float_model(options.model, common);
  const model::Tokenizer tokenizer(options.model, loaded.config());
  const PairSet main = read_set(options.blimp, options.max_pairs);
  const PairSet supplement = options.supplement.empty() ? PairSet() : read_set(options.supplement, options.max_pairs);
  SequenceRunners runners;
  open_runners(loaded, common, engine::RowRange::kAll, runners);
  std::vector<std::vector<int>> sentences;
  for (const PairSet* set : {&main, &supplement}) {
    for (const Paradigm& paradigm : set->paradigms) encode(paradigm, tokenizer, runners.longest, runners.what, sentences);
  }
  std::size_t tokens = 0;
  for (const std::vector<int>& sentence : sentences) tokens += sentence.size() - 1;

  Progress progress("sentence");
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<std::int64_t> scores = evaluate::score_sentences(
      sentences, loaded.config().vocab_size, runners.workers, [&](int done, int total) { progress.update(done, total); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  std::vector<std::pair<const Paradigm*, Accuracy>> results;
  std::vector<Accuracy> of_main, of_both;
  Json rows = Json::array();
  std::size_t at = 0;
  for (const PairSet* set : {&main, &supplement}) {
    for (const Paradigm& paradigm : set->paradigms) {
      const Accuracy accuracy = evaluate::pair_accuracy(scores.data() + at, static_cast<int>(paradigm.pairs.size()));
      at += 2 * paradigm.pairs.size();
      results.emplace_back(&paradigm, accuracy);
      of_both.push_back(accuracy);
      if (set == &main) of_main.push_back(accuracy);
      Json row = {{"name", paradigm.name}};
      row.update(numbers(accuracy));
      const auto text = [](const std::string& group) { return group.empty() ? Json() : Json(group); };
      row.update({{"set", set == &main ? kMain : kSupplement},
                  {"field", text(paradigm.field)},
                  {"linguistics_term", text(paradigm.linguistics_term)}});
      rows.push_back(row);
    }
  }
  Json object = {{"schema", "squat.eval/1"}, {"model", options.model}, {"blimp", options.blimp}};
  if (!options.supplement.empty()) object["supplement"] = options.supplement;
  object.update(numbers(evaluate::mean_accuracy(of_main)));
  if (!options.supplement.empty()) {
    const Accuracy both = evaluate::mean_accuracy(of_both);
    object["accuracy_with_supplement"] = both.value;
    object["stderr_with_supplement"] = numbers(both)["stderr"];
  }
  object["dataset_sha256"] = main.sha256;
  if (!options.supplement.empty()) object["supplement_sha256"] = supplement.sha256;
  object["max_pairs"] = options.max_pairs < 0 ? Json() : Json(options.max_pairs);
  object["scores_sha256"] = hash_of(scores);
  add_runners(object, loaded, runners);
  object.update({{"threads", runners.workers.size()},
                 {"sentences", sentences.size()},
                 {"tokens", tokens},
                 {"seconds", seconds},
                 {"sentences_per_minute", seconds > 0 ? 60 * static_cast<double>(sentences.size()) / seconds : 0.0}});
  object["paradigms"] = rows;
  object["groups"] = group_rows(results, main.paradigms.size());
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace squat::cli
