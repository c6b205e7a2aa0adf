// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds.hpp"

#include <fstream>
#include <iterator>

#include "host/model/byte_level_bpe_file.hpp"
#include "host/model/config_json.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/safetensors.hpp"
#include "host/task/known_tasks.hpp"
#include "host/task/task_file.hpp"
#include "tests/support/random_model.hpp"
#include "tests/support/scratch_directory.hpp"
#ifdef SQUAT_HAVE_TRAINER
#include "qat/checkpoint/state_file.hpp"
#include "qat/data/token_file.hpp"
#include "tests/fuzz/toy_state.hpp"
#endif

namespace squat::fuzz::seeds {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The smallest models whose every part is used: grouped heads, 4-bit and 8-bit weights, uniform and mixed widths, both
/// architectures.
std::vector<test::RandomModelSpec> small_models() {
  test::RandomModelSpec llama;
  llama.layers = 1, llama.hidden = 32, llama.intermediate = 32, llama.vocab = 8, llama.heads = 2, llama.kv_heads = 1;
  llama.head_dim = 32, llama.max_positions = 8;
  test::RandomModelSpec gpt2 = llama;
  gpt2.gpt2 = true, gpt2.heads = gpt2.kv_heads = 1, gpt2.activations = model::Activations::k4;
  test::RandomModelSpec wide = llama;
  wide.weight_bits = 8, wide.tied = false, wide.activations = model::Activations::k8;
  return {llama, gpt2, wide};
}

}  // namespace

std::vector<std::string> safetensors() {
  const test::ScratchDirectory directory;
  const std::filesystem::path file = directory.path() / "model.safetensors";
  std::vector<std::string> found;
  model::write_safetensors(file, {}, {});
  found.push_back(bytes_of(file));
  model::write_safetensors(file,
                           {{"a", model::Dtype::kF32, {2, 1}, std::vector<std::uint8_t>(8, 1)},
                            {"b", model::Dtype::kI8, {3}, {1, 2, 3}},
                            {"scalar", model::Dtype::kBF16, {}, {0, 0x3f}}},
                           {{"format", "pt"}});
  found.push_back(bytes_of(file));
  return found;
}

std::vector<std::string> config() {
  std::vector<std::string> found;
  for (const test::RandomModelSpec& spec : small_models())
    found.push_back(model::config_to_json(test::random_model(spec).config).dump(2));
  found.push_back(
      R"({"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":128,)"
      R"("num_hidden_layers":2,"num_attention_heads":4,"vocab_size":100,"max_position_embeddings":64,"rms_norm_eps":1e-5,"rope_scaling":null,"hidden_act":"silu"})");
  return found;
}

std::vector<std::string> tokenizer_json() {
  model::BpeFile file;
  for (int byte = 0; byte < 256; ++byte)
    file.tokens.push_back(model::to_byte_alphabet(std::string(1, static_cast<char>(byte))));
  file.tokens.insert(file.tokens.end(), {model::to_byte_alphabet("th"), model::to_byte_alphabet("the"), "<s>"});
  file.merges = {{'t', 'h'}, {256, 'e'}};
  file.merged = {256, 257};
  file.added = {{258, "<s>", true, false}};
  std::vector<std::string> found{model::bpe_file_text(file)};
  file.nfkc = false;
  file.add_prefix_space = false;
  found.push_back(model::bpe_file_text(file));
  return found;
}

std::vector<std::string> sentencepiece() {
  return {bytes_of(std::filesystem::path(SQUAT_MODELS_DIR) / "tales/fp32/tokenizer.model")};
}

std::vector<std::string> integer_model() {
  std::vector<std::string> found;
  for (const test::RandomModelSpec& spec : small_models()) {
    const test::ScratchDirectory directory;
    model::write_integer_model(test::random_model(spec), directory.path());
    found.push_back(bytes_of(directory.path() / "config.json") + '\0' + bytes_of(directory.path() / "model.safetensors"));
  }
  return found;
}

std::vector<std::string> task_examples() {
  return {"gj04\t1\t\tThey drank the pub dry.\ngj04\t0\t*\tThey drank the pub.\n",
          "\xef\xbb\xbfQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tA \" quote\tB\r\n",
          "{\"question\": \"q\", \"passage\": \"p \\u00e4\", \"label\": true, \"idx\": 0}\n",
          "{\"idx\": 0, \"passage\": {\"text\": \"P\", \"questions\": [{\"question\": \"Q\", \"answers\": [{\"text\": \"A\", "
          "\"label\": 0}, {\"text\": \"B\", \"label\": 1}]}]}}\n"};
}

std::vector<std::string> task_json() {
  task::Task task = task::known_task("multirc");
  for (std::size_t i = 0; i < task.classes.size(); ++i) task.classes[i].token = static_cast<int>(i) + 5;
  return {task::task_text(task)};
}

std::vector<std::string> command_line() {
  return {"generate\n--model\nm\n--prompt\nOnce upon a time\n--tokens\n16\n--device\nsim\n--config\nkv260",
          "quantize\n--model\nm\n--calib\nt.txt\n--out\no\n--weight-bits\n4\n--activations\nmixed\n--rho\n0.5\n--rule\nbudget",
          "eval\n--model\nm\n--text\nt.txt\n--max-windows\n3\n--format\njson\n--threads\n2",
          "bench\n--shape\nllama-58m\n--prefill\n128\n--decode\n4\n--device\nestimate\n--seed\n7",
          "compare\n--device\ncpu,ref\n--format\nmd",
          "verify\n--model\nm\n--device\nsim\n--against\nref",
          "qat\n--help",
          "eval\n--model\nm\n--task\nt.tsv\n--skip-bad-lines\n--max-examples\n3",
          "--version",
          "inspect\n--model\nm\n--format=csv",
          "inspect\nx.xclbin",
          "doctor\n--xclbin\nx.xclbin",
          "doctor"};
}

#ifdef SQUAT_HAVE_TRAINER
std::vector<std::string> text() {
  return {"Once upon a time.\r\n\nThere was a \xc3\xa9l\xc3\xa8ve.\n", std::string(3000, 'x') + " \xe6\xbc\xa2\n", "\n"};
}

std::vector<std::string> token_file() {
  const test::ScratchDirectory directory;
  std::vector<std::string> found;
  for (const int vocabulary : {100, 70000}) {
    const std::filesystem::path file = directory.path() / std::to_string(vocabulary);
    qat::TokenWriter writer(file, vocabulary);
    for (int i = 0; i < 70; ++i) writer.add(i);
    writer.finish(qat::TokenFileInfo());
    found.push_back(bytes_of(file));
  }
  return found;
}

std::vector<std::string> checkpoint() {
  const test::ScratchDirectory directory;
  ToyState run;
  run.state.configuration = "toy";
  qat::write_state_file(directory.path() / "state", run.parameters, run.optimiser, run.state);
  return {bytes_of(directory.path() / "state")};
}
#endif

}  // namespace squat::fuzz::seeds
