// SPDX-License-Identifier: Apache-2.0
#include "host/model/byte_level_bpe_train.hpp"

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

#include "host/model/byte_level_bpe_text.hpp"
#include "host/model/error.hpp"
#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

using Pair = std::pair<int, int>;

struct PairHash {
  std::size_t operator()(const Pair& p) const {
    return std::hash<std::uint64_t>()((static_cast<std::uint64_t>(static_cast<std::uint32_t>(p.first)) << 32) |
                                      static_cast<std::uint32_t>(p.second));
  }
};

struct Word {
  std::vector<int> symbols;
  std::int64_t count;
};

/// How often a pair occurs, and in which words (some of which may have lost it since).
struct Occurrence {
  std::int64_t count = 0;
  std::set<std::size_t> words;
};

struct Best {
  std::int64_t count;
  Pair pair;
  bool operator<(const Best& other) const { return count != other.count ? count < other.count : pair > other.pair; }
};

class Learner {
 public:
  explicit Learner(std::vector<Word> words) : words_(std::move(words)) {
    for (std::size_t i = 0; i < words_.size(); ++i) count(i, 1);
    for (const auto& [pair, occurrence] : pairs_) queue_.push({occurrence.count, pair});
  }

  /// The most frequent pair; count 0 when there is none.
  Best pop() {
    while (!queue_.empty()) {
      Best best = queue_.top();
      queue_.pop();
      const auto found = pairs_.find(best.pair);
      const std::int64_t now = found == pairs_.end() ? 0 : found->second.count;
      if (now == best.count && now > 0) return best;
      if (now > 0 && now < best.count) queue_.push({now, best.pair});  // a higher count has been queued when it arose
    }
    return {0, {0, 0}};
  }

  void merge(Pair pair, int id) {
    const std::set<std::size_t> affected = std::move(pairs_[pair].words);
    std::set<Pair> grown;
    for (const std::size_t i : affected) {
      count(i, -1);
      replace(words_[i].symbols, pair, id);
      count(i, 1);
      const std::vector<int>& s = words_[i].symbols;
      for (std::size_t k = 0; k + 1 < s.size(); ++k) {
        if (s[k] == id || s[k + 1] == id) grown.insert({s[k], s[k + 1]});
      }
    }
    pairs_.erase(pair);
    for (const Pair& p : grown) queue_.push({pairs_[p].count, p});
  }

 private:
  void count(std::size_t word, int sign) {
    const std::vector<int>& s = words_[word].symbols;
    for (std::size_t k = 0; k + 1 < s.size(); ++k) {
      Occurrence& occurrence = pairs_[{s[k], s[k + 1]}];
      occurrence.count += sign * words_[word].count;
      if (sign > 0) occurrence.words.insert(word);
    }
  }

  static void replace(std::vector<int>& symbols, Pair pair, int id) {
    std::size_t out = 0;
    for (std::size_t k = 0; k < symbols.size(); ++k) {
      const bool hit = k + 1 < symbols.size() && symbols[k] == pair.first && symbols[k + 1] == pair.second;
      symbols[out++] = hit ? id : symbols[k];
      if (hit) ++k;
    }
    symbols.resize(out);
  }

  std::vector<Word> words_;
  std::unordered_map<Pair, Occurrence, PairHash> pairs_;
  std::priority_queue<Best> queue_;
};

}  // namespace

BpeTrainer::BpeTrainer(BpeTrainOptions options) : options_(std::move(options)) {
  const int least = static_cast<int>(options_.specials.size()) + 256;
  if (options_.pieces < least) {
    throw usage_error("a byte-level vocabulary needs at least " + std::to_string(least) + " pieces (" +
                      std::to_string(options_.specials.size()) + " special tokens and 256 bytes), not " +
                      std::to_string(options_.pieces));
  }
}

void BpeTrainer::add_line(std::string_view line) {
  if (line.empty()) return;
  if (const std::size_t bad = find_invalid_utf8(line); bad != std::string_view::npos) {
    throw input_error("text at byte " + std::to_string(bad) + ": expected UTF-8, found something else; convert it to UTF-8");
  }
  std::string text = options_.nfkc ? to_nfkc(std::string(line)) : std::string(line);
  if (options_.add_prefix_space && text.front() != ' ') text.insert(text.begin(), ' ');
  for_each_word(text, [this](std::string_view word) { ++words_[std::string(word)]; });
}

BpeFile BpeTrainer::train() const {
  BpeFile file;
  file.nfkc = options_.nfkc;
  file.add_prefix_space = options_.add_prefix_space;
  std::unordered_map<std::string, int> ids;
  const auto id_of = [&](const std::string& token) {
    const auto [found, fresh] = ids.emplace(token, static_cast<int>(file.tokens.size()));
    if (fresh) file.tokens.push_back(token);
    return found->second;
  };
  for (const std::string& special : options_.specials) file.added.push_back({id_of(special), special, true, false});
  std::array<char32_t, 256> alphabet = byte_alphabet();
  std::sort(alphabet.begin(), alphabet.end());
  for (const char32_t c : alphabet) {
    std::string token;
    append_utf8(token, c);
    id_of(token);
  }
  std::array<int, 256> byte_ids{};
  for (std::size_t b = 0; b < 256; ++b) {
    std::string token;
    append_utf8(token, byte_alphabet()[b]);
    byte_ids[b] = id_of(token);
  }
  std::vector<Word> words;
  for (const auto& [text, count] : words_) {
    words.push_back({{}, count});
    for (const char c : text) words.back().symbols.push_back(byte_ids[static_cast<unsigned char>(c)]);
  }
  Learner learner(std::move(words));
  while (static_cast<int>(file.tokens.size()) < options_.pieces) {
    const Best best = learner.pop();
    if (best.count < std::max(1, options_.min_frequency)) break;
    const auto token = [&](int id) { return file.tokens[static_cast<std::size_t>(id)]; };
    const int id = id_of(token(best.pair.first) + token(best.pair.second));
    file.merges.push_back(best.pair);
    file.merged.push_back(id);
    learner.merge(best.pair, id);
  }
  return file;
}

}  // namespace squat::model
