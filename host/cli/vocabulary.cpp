// SPDX-License-Identifier: Apache-2.0
#include "host/cli/vocabulary.hpp"

#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/error.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/input_file.hpp"
#include "host/model/output_file.hpp"
#include "host/model/tokenizer.hpp"
#include "qat/data/text_lines.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 64u << 20;

/// A vocabulary file that can be read.
fs::path found(const fs::path& source) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(source, ignored) ? model::Tokenizer::find(source) : source;
  if (file.empty())
    throw input_error(source.string() +
                      ": expected a vocabulary (tokenizer.model or tokenizer.json), found none; check the path");
  const model::Tokenizer readable(file, 0);
  return file;
}

fs::path copied(const fs::path& file, const fs::path& directory) {
  const fs::path target = directory / (file.extension() == ".json" ? "tokenizer.json" : "tokenizer.model");
  model::copy_small_file(file, target, kMaxBytes);
  return target;
}

fs::path learned(int pieces, const fs::path& text, const fs::path& directory) {
  const fs::path target = directory / "tokenizer.json", made = directory / "tokenizer.made";
  const std::string from =
      std::to_string(pieces) + " pieces from text with CRC-32 " + std::to_string(model::crc32_of_file(text)) + "\n";
  std::error_code ignored;
  if (fs::exists(target, ignored) && fs::exists(made, ignored) && model::read_small_file(made, 4096) == from) return target;
  model::BpeTrainOptions options;
  options.pieces = pieces;
  model::BpeTrainer trainer(options);
  {
    Progress progress("counting words, MiB");
    qat::for_each_line(
        text, [&](const std::string& line) { trainer.add_line(line); },
        [&](std::uint64_t done, std::uint64_t total) {
          progress.update(static_cast<int>(done >> 20), static_cast<int>(total >> 20));
        });
  }
  const model::BpeFile file = trainer.train();
  if (static_cast<int>(file.tokens.size()) < pieces) {
    note("warning: the text supports a vocabulary of " + std::to_string(file.tokens.size()) + " pieces only, not " +
         std::to_string(pieces));
  }
  model::write_text_file(target, model::bpe_file_text(file));
  model::write_text_file(made, from);
  return target;
}

}  // namespace

fs::path prepare_vocabulary(const std::string& source, int pieces, const fs::path& text, const fs::path& directory) {
  const fs::path given = source.empty() ? fs::path() : found(source);
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) throw input_error(directory.string() + ": cannot create: " + failed.message() + "; choose another directory");
  // One vocabulary per run: a file of the other kind would be found first.
  const fs::path file = source.empty() ? learned(pieces, text, directory) : copied(given, directory);
  fs::remove(directory / (file.extension() == ".json" ? "tokenizer.model" : "tokenizer.json"), failed);
  return file;
}

}  // namespace squat::cli
