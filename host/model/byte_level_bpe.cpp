// SPDX-License-Identifier: Apache-2.0
#include "host/model/byte_level_bpe.hpp"

#include <algorithm>
#include <queue>
#include <utility>

#include "host/model/byte_level_bpe_text.hpp"
#include "host/model/error.hpp"
#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

std::uint64_t key_of(int left, int right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) | static_cast<std::uint32_t>(right);
}

/// Calls piece(text) and token(id) in order for the parts of a text between and at the added tokens. The leftmost token
/// wins, of several at one place the longest: `tokens` is ordered that way.
template <typename Piece, typename Token>
void split_at_tokens(std::string_view text, const std::vector<AddedToken>& tokens, const Piece& piece, const Token& token) {
  std::size_t begin = 0;
  for (std::size_t at = 0; !tokens.empty() && at < text.size();) {
    const auto hit = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const AddedToken& t) { return text.compare(at, t.content.size(), t.content) == 0; });
    if (hit == tokens.end()) {
      ++at;
      continue;
    }
    if (at > begin) piece(text.substr(begin, at - begin));
    token(hit->id);
    begin = at += hit->content.size();
  }
  if (begin < text.size()) piece(text.substr(begin));
}

/// A part of a word during merging: a node of a doubly linked list.
struct Symbol {
  int id;
  int before, after;  ///< -1 at the ends
  bool gone;
};

struct Candidate {
  int rank, at, merged;
};

/// The lowest rank first, then the leftmost.
struct Later {
  bool operator()(const Candidate& a, const Candidate& b) const { return a.rank != b.rank ? a.rank > b.rank : a.at > b.at; }
};

}  // namespace

ByteLevelBpe::ByteLevelBpe(BpeFile file) : file_(std::move(file)) {
  byte_ids_.fill(-1);
  bytes_.resize(file_.tokens.size());
  for (std::size_t id = 0; id < file_.tokens.size(); ++id) {
    // Only an added token can hold other characters; it stands for itself.
    if (!from_byte_alphabet(file_.tokens[id], bytes_[id])) bytes_[id] = file_.tokens[id];
    if (bytes_[id].size() == 1) byte_ids_[static_cast<unsigned char>(bytes_[id][0])] = static_cast<int>(id);
  }
  merges_.reserve(file_.merges.size());
  for (std::size_t i = 0; i < file_.merges.size(); ++i) {
    merges_[key_of(file_.merges[i].first, file_.merges[i].second)] = {static_cast<int>(i), file_.merged[i]};
  }
  for (const AddedToken& token : file_.added) {
    (token.normalized ? normal_ : raw_).push_back(token);
    if (token.normalized && file_.nfkc) normal_.back().content = to_nfkc(token.content);
    if (token.special) bytes_[static_cast<std::size_t>(token.id)].clear();
  }
  for (auto* tokens : {&raw_, &normal_}) {
    std::stable_sort(tokens->begin(), tokens->end(),
                     [](const AddedToken& a, const AddedToken& b) { return a.content.size() > b.content.size(); });
  }
}

std::vector<int> ByteLevelBpe::encode(std::string_view text) const {
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    throw input_error("text at byte " + std::to_string(bad) + ": expected UTF-8, found something else; convert it to UTF-8");
  }
  std::vector<int> ids;
  const auto take = [&ids](int id) { ids.push_back(id); };
  split_at_tokens(
      text, raw_, [&](std::string_view piece) { encode_plain(piece, ids); }, take);
  return ids;
}

void ByteLevelBpe::encode_plain(std::string_view text, std::vector<int>& ids) const {
  const std::string normal = file_.nfkc ? to_nfkc(std::string(text)) : std::string(text);
  const auto take = [&ids](int id) { ids.push_back(id); };
  split_at_tokens(
      normal, normal_, [&](std::string_view piece) { encode_piece(std::string(piece), ids); }, take);
}

void ByteLevelBpe::encode_piece(std::string text, std::vector<int>& ids) const {
  if (file_.add_prefix_space && text.front() != ' ') text.insert(text.begin(), ' ');
  for_each_word(text, [&](std::string_view word) { encode_word(word, ids); });
}

void ByteLevelBpe::encode_word(std::string_view word, std::vector<int>& ids) const {
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (const char c : word) {
    const int id = byte_ids_[static_cast<unsigned char>(c)];
    const int at = static_cast<int>(symbols.size());
    if (id >= 0) symbols.push_back({id, at - 1, at + 1, false});
  }
  if (symbols.empty()) return;
  symbols.back().after = -1;

  std::priority_queue<Candidate, std::vector<Candidate>, Later> queue;
  const auto symbol = [&](int at) -> Symbol& { return symbols[static_cast<std::size_t>(at)]; };
  const auto find = [&](int at) {
    const int next = at < 0 ? -1 : symbol(at).after;
    return next < 0 ? merges_.end() : merges_.find(key_of(symbol(at).id, symbol(next).id));
  };
  const auto consider = [&](int at) {
    const auto merge = find(at);
    if (merge != merges_.end()) queue.push({merge->second.rank, at, merge->second.id});
  };
  for (std::size_t at = 0; at + 1 < symbols.size(); ++at) consider(static_cast<int>(at));
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    if (symbol(best.at).gone) continue;
    const auto merge = find(best.at);
    if (merge == merges_.end() || merge->second.id != best.merged) continue;  // a neighbour has changed since
    Symbol& left = symbol(best.at);
    Symbol& right = symbol(left.after);
    left.id = best.merged;
    left.after = right.after;
    right.gone = true;
    if (left.after >= 0) symbol(left.after).before = best.at;
    consider(left.before);
    consider(best.at);
  }
  for (const Symbol& s : symbols) {
    if (!s.gone) ids.push_back(s.id);
  }
}

std::string ByteLevelBpe::decode(const std::vector<int>& ids) const {
  std::string bytes;
  for (const int id : ids) bytes += bytes_[static_cast<std::size_t>(id)];
  return replace_invalid_utf8(bytes);
}

int ByteLevelBpe::added_id(const std::string& content) const {
  const auto hit =
      std::find_if(file_.added.begin(), file_.added.end(), [&](const AddedToken& t) { return t.content == content; });
  return hit == file_.added.end() ? -1 : hit->id;
}

}  // namespace squat::model
