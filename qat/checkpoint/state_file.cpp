// SPDX-License-Identifier: Apache-2.0
#include "qat/checkpoint/state_file.hpp"

#include <algorithm>
#include <array>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/input_file.hpp"
#include "host/model/json_file.hpp"
#include "host/model/output_file.hpp"

namespace squat::qat {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPrefixes[] = {"value.", "first_moment.", "second_moment."};
constexpr std::size_t kPiece = std::size_t{1} << 18;  // floats converted or checked at once

std::array<const float*, 3> buffers_of(const ParameterSet& parameters, const AdamW& optimiser) {
  return {parameters.values(), optimiser.first_moments().data(), optimiser.second_moments().data()};
}

/// The tensors of a file for these parameters; metadata is left to the caller.
Json tensor_table(const ParameterSet& parameters) {
  Json table = Json::object();
  std::uint64_t base = 0;
  for (const char* prefix : kPrefixes) {
    for (const ParameterInfo& info : parameters.infos()) {
      const std::uint64_t begin = base + info.offset * sizeof(float);
      table.get_ref<Json::object_t&>().emplace_back(
          prefix + info.name,
          Json{{"dtype", "F32"}, {"shape", info.shape}, {"data_offsets", {begin, begin + info.size * sizeof(float)}}});
    }
    base += parameters.size() * sizeof(float);
  }
  return table;
}

Json state_json(const RunState& state, std::int64_t optimiser_steps) {
  return {{"format", 1},
          {"step", state.step},
          {"batches", state.batches},
          {"seed", state.seed},
          {"configuration", state.configuration},
          {"optimiser_steps", optimiser_steps},
          {"extra", state.extra}};
}

void read_state(const nlohmann::json& run, AdamW& optimiser, RunState& state) {
  state.step = run.at("step").get<std::int64_t>();
  state.batches = run.at("batches").get<std::uint64_t>();
  state.seed = run.at("seed").get<std::uint64_t>();
  state.configuration = run.at("configuration").get<std::string>();
  state.extra = run.at("extra");
  optimiser.set_steps(run.at("optimiser_steps").get<std::int64_t>());
}

void store_le(std::uint8_t* p, std::uint32_t value) {
  for (int b = 0; b < 4; ++b) p[b] = static_cast<std::uint8_t>(value >> (8 * b));
}

/// The header; `data` gets the offset of the tensors behind it.
nlohmann::json read_header(const model::InputFile& file, std::uint64_t& data) {
  std::uint8_t length[8];
  file.read(0, length, sizeof length);
  const auto header_bytes = model::load_le<std::uint64_t>(length);
  if (header_bytes > file.size() - 8) throw input_error(file.name() + ": header longer than the file");
  std::string text(static_cast<std::size_t>(header_bytes), '\0');
  file.read(8, text.data(), text.size());
  data = 8 + header_bytes;
  return model::parse_json_object(text, file.name());
}

void read_floats(const model::InputFile& file, std::uint64_t at, float* to, std::size_t all) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t begin = 0; begin < all; begin += kPiece) {
    const std::size_t count = std::min(kPiece, all - begin);
    bytes.resize(count * sizeof(float));
    file.read(at, bytes.data(), bytes.size());
    at += bytes.size();
    for (std::size_t i = 0; i < count; ++i) {
      to[begin + i] = model::bit_copy<float>(model::load_le<std::uint32_t>(bytes.data() + 4 * i));
    }
  }
}

class SealedWriter {
 public:
  explicit SealedWriter(const std::filesystem::path& path) : file_(path) {}
  void write(const std::uint8_t* data, std::size_t bytes) {
    file_.write(data, bytes);
    seal_.crc = model::crc32(data, bytes, seal_.crc);
    seal_.bytes += bytes;
  }
  FileSeal commit() {
    file_.commit();
    return seal_;
  }

 private:
  model::OutputFile file_;
  FileSeal seal_;
};

}  // namespace

FileSeal write_state_file(const std::filesystem::path& path, const ParameterSet& parameters, const AdamW& optimiser,
                          const RunState& state) {
  Json header = tensor_table(parameters);
  header["__metadata__"] = {{"format", "pt"}, {"squat.run", state_json(state, optimiser.steps()).dump()}};
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::vector<std::uint8_t> bytes;
  model::append_le(bytes, static_cast<std::uint64_t>(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
  SealedWriter writer(path);
  writer.write(bytes.data(), bytes.size());
  for (const float* buffer : buffers_of(parameters, optimiser)) {
    for (std::size_t at = 0; at < parameters.size(); at += kPiece) {
      const std::size_t count = std::min(kPiece, parameters.size() - at);
      bytes.resize(count * sizeof(float));
      for (std::size_t i = 0; i < count; ++i) store_le(bytes.data() + 4 * i, model::bit_copy<std::uint32_t>(buffer[at + i]));
      writer.write(bytes.data(), bytes.size());
    }
  }
  return writer.commit();
}

void verify_state_file(const std::filesystem::path& path, const FileSeal& seal) {
  const model::InputFile file(path);
  if (file.size() != seal.bytes) {
    throw input_error(file.name() + ": expected " + std::to_string(seal.bytes) + " bytes, found " +
                      std::to_string(file.size()) + "; the file is cut or foreign");
  }
  if (model::crc32_of_file(path) != seal.crc) throw input_error(file.name() + ": the checksum differs; the file is damaged");
}

void read_state_file(const std::filesystem::path& path, ParameterSet& parameters, AdamW& optimiser, RunState& state) {
  const model::InputFile file(path);
  std::uint64_t at = 0;
  nlohmann::json header = read_header(file, at);
  try {
    read_state(nlohmann::json::parse(header.at("__metadata__").at("squat.run").get<std::string>()), optimiser, state);
  } catch (const nlohmann::json::exception& error) {
    throw input_error(file.name() + ": expected the state of a run of this version of squat, found something else (" +
                      error.what() + ")");
  }
  header.erase("__metadata__");
  if (header != nlohmann::json(tensor_table(parameters))) {
    throw input_error(file.name() + ": holds the parameters of another model; choose another output directory or the flags " +
                      "this run was started with");
  }
  for (float* buffer : {parameters.values(), optimiser.first_moments().data(), optimiser.second_moments().data()}) {
    read_floats(file, at, buffer, parameters.size());
    at += parameters.size() * sizeof(float);
  }
}

void read_state_values(const std::filesystem::path& path, ParameterSet& parameters) {
  const model::InputFile file(path);
  std::uint64_t data = 0;
  const nlohmann::json header = read_header(file, data);
  for (std::size_t i = 0; i < parameters.infos().size(); ++i) {
    const ParameterInfo& info = parameters.info(i);
    const std::uint64_t bytes = info.size * sizeof(float);
    const auto entry = header.find(kPrefixes[0] + info.name);
    std::uint64_t begin = 0;
    bool fits = false;
    try {
      fits = entry != header.end() && entry->at("dtype") == "F32" && entry->at("shape") == nlohmann::json(info.shape);
      if (fits) begin = entry->at("data_offsets").at(0).get<std::uint64_t>();
    } catch (const nlohmann::json::exception&) {
      fits = false;
    }
    fits = fits && begin <= file.size() && bytes <= file.size() - begin && data <= file.size() - begin - bytes;
    if (!fits) {
      throw input_error(file.name() + ": expected the parameter '" + info.name + "' of this model, found " +
                        (entry == header.end() ? "none" : "another shape") +
                        "; scales are in checkpoints of squat qat only, and the shape is that of --model");
    }
    read_floats(file, data + begin, parameters.value(i), info.size);
  }
}

}  // namespace squat::qat
