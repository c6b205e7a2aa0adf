// SPDX-License-Identifier: Apache-2.0
// Readers of model files.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/model/byte_level_bpe.hpp"
#include "host/model/config_json.hpp"
#include "host/model/error.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/json_file.hpp"
#include "host/model/safetensors.hpp"
#include "host/model/tokenizer.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/scratch_directory.hpp"

namespace squat::fuzz {
namespace {

const std::string kText = "Once upon a time, there was a \xc3\xa9l\xc3\xa8ve \xe6\xbc\xa2 with 12 books.\n";

/// The tensors of a file, sealed with the checksums they have; without this every changed byte ends at the checksum.
void seal(const std::filesystem::path& file) {
  const model::SafetensorsFile hostile(file);
  std::map<std::string, std::string> metadata = hostile.metadata();
  std::vector<model::TensorData> tensors;
  for (const model::TensorInfo& t : hostile.tensors()) {
    metadata.erase(model::checksum_key(t.name));
    tensors.push_back({t.name, t.dtype, t.shape, hostile.read(t)});
  }
  model::write_safetensors(file, tensors, metadata);
}

/// Two devices must agree on whatever was accepted, for a prompt and a token after it.
void run_model(const model::IntegerModel& model) {
  const model::ModelConfig& c = model.config;
  if (c.hidden_size > 128 || c.intermediate_size > 256 || c.layers > 4 || c.vocab_size > 256 || c.max_positions < 3) return;
  backends::RefDevice ref(model);
  backends::CpuDevice cpu(model);
  for (const std::vector<int>& ids : {std::vector<int>{0, c.vocab_size - 1}, std::vector<int>{c.vocab_size / 2}}) {
    if (ref.run(ids, engine::RowRange::kAll).logits != cpu.run(ids, engine::RowRange::kAll).logits)
      throw std::logic_error("ref and cpu disagree");
  }
}

}  // namespace

void safetensors(const std::string& bytes) {
  const MemoryFile memory(bytes);
  const model::SafetensorsFile file(memory.path());
  for (const model::TensorInfo& t : file.tensors()) {
    if (file.read(t).size() != t.end - t.begin) throw std::logic_error("a tensor of another size");
  }
}

void config(const std::string& bytes) {
  const model::ModelConfig config = model::config_from_json(model::parse_json_object(bytes, "config.json"), "config.json");
  const std::string once = model::config_to_json(config).dump();
  const nlohmann::json again = model::parse_json_object(once, "again");
  if (model::config_to_json(model::config_from_json(again, "again")).dump() != once)
    throw std::logic_error("written and read back, a configuration changed");
}

void tokenizer_json(const std::string& bytes) {
  const model::ByteLevelBpe vocabulary(model::parse_bpe_file(bytes, "tokenizer.json"));
  for (const int id : vocabulary.encode(kText)) {
    if (id < 0 || id >= vocabulary.size()) throw std::logic_error("an id outside the vocabulary");
  }
  vocabulary.decode(vocabulary.encode(kText));
}

void sentencepiece(const std::string& bytes) {
  const MemoryFile memory(bytes);
  const model::Tokenizer vocabulary(memory.path(), 1);
  vocabulary.decode(vocabulary.encode(kText, false));
}

void integer_model(const std::string& bytes) {
  const std::size_t middle = bytes.find('\0');
  if (middle == std::string::npos) throw input_error("expected a zero byte between the two files, found none");
  const test::ScratchDirectory directory;
  std::ofstream(directory.path() / "config.json", std::ios::binary) << bytes.substr(0, middle);
  std::ofstream(directory.path() / "model.safetensors", std::ios::binary) << bytes.substr(middle + 1);
  seal(directory.path() / "model.safetensors");
  run_model(model::read_integer_model(directory.path()));
}

}  // namespace squat::fuzz
