// SPDX-License-Identifier: Apache-2.0
#include "qat/checkpoint/checkpoint.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"
#include "host/model/output_file.hpp"
#include "qat/checkpoint/state_file.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

constexpr const char* kState = "state.safetensors";
constexpr const char* kMarker = "complete";

/// Step of a checkpoint's directory name; -1 for other names.
std::int64_t step_of(const std::string& name) {
  if (name.size() != 14 || name.compare(0, 5, "step-") != 0) return -1;
  if (!std::all_of(name.begin() + 5, name.end(), [](char c) { return c >= '0' && c <= '9'; })) return -1;
  return std::stoll(name.substr(5));
}

/// Names that StagedDirectory uses on the way, and directories being removed.
bool is_leftover(const std::string& name) {
  return name.compare(0, 5, "step-") == 0 &&
         (name.find(".tmp-") != std::string::npos || name.find(".old") != std::string::npos);
}

Error cannot_read(const fs::path& directory, const std::error_code& failed) {
  return input_error(directory.string() + ": cannot read: " + failed.message() + "; check the disk and permissions");
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator entry(directory, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed))
    names.push_back(entry->path().filename().string());
  if (failed) throw cannot_read(directory, failed);
  return names;
}

std::string marker_text(const FileSeal& seal) {
  char text[80];
  std::snprintf(text, sizeof text, "squat checkpoint 1\n%s %llu %08x\n", kState, static_cast<unsigned long long>(seal.bytes),
                static_cast<unsigned>(seal.crc));
  return text;
}

FileSeal read_marker(const fs::path& path) {
  const std::string text = model::read_small_file(path, 4096);
  unsigned long long bytes = 0;
  unsigned crc = 0;
  if (std::sscanf(text.c_str(), "squat checkpoint 1\nstate.safetensors %llu %x", &bytes, &crc) != 2 ||
      text != marker_text({bytes, crc})) {
    throw input_error(path.string() + ": expected the marker of a checkpoint, found something else");
  }
  return {bytes, crc};
}

void verify(const fs::path& checkpoint) { verify_state_file(checkpoint / kState, read_marker(checkpoint / kMarker)); }

bool is_good(const fs::path& checkpoint) {
  std::error_code ignored;
  if (!fs::exists(checkpoint / kMarker, ignored)) return false;
  try {
    verify(checkpoint);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Renames first: a directory that is being removed must never look like a checkpoint.
void remove_directory(const fs::path& path) {
  std::error_code ignored;
  const fs::path aside = path.string() + ".old";
  fs::remove_all(aside, ignored);
  fs::rename(path, aside, ignored);
  fs::remove_all(aside, ignored);
}

/// "--lr was 0.003 and is 0.1": what differs between two configurations, JSON objects named after the flags.
std::string differences(const std::string& stored, const std::string& present) {
  const auto was = nlohmann::ordered_json::parse(stored, nullptr, false);
  const auto is = nlohmann::ordered_json::parse(present, nullptr, false);
  if (!was.is_object() || !is.is_object()) return "";
  std::string text;
  const auto add = [&](const std::string& name, const std::string& change) {
    text += (text.empty() ? "" : ", ") + name + " " + change;
  };
  for (const auto& [name, value] : was.items()) {
    if (!is.contains(name)) {
      add(name, "was given");
    } else if (is[name] != value) {
      add(name, value.is_structured() ? "has other contents" : "was " + value.dump() + " and is " + is[name].dump());
    }
  }
  for (const auto& [name, value] : is.items()) {
    if (!was.contains(name)) add(name, "was not given");
  }
  return text.empty() ? "" : " (" + text + ")";
}

}  // namespace

void load_values(const fs::path& checkpoint, ParameterSet& parameters) {
  verify(checkpoint);
  read_state_values(checkpoint / kState, parameters);
}

CheckpointStore::CheckpointStore(fs::path directory, int keep) : directory_(std::move(directory)), keep_(keep) {
  std::error_code failed;
  fs::create_directories(directory_, failed);
  if (failed) {
    throw input_error(directory_.string() + ": cannot create: " + failed.message() + "; choose another output directory");
  }
  for (const std::string& name : names_in(directory_)) {
    if (is_leftover(name)) fs::remove_all(directory_ / name, failed);
  }
}

fs::path CheckpointStore::path_of(std::int64_t step) const {
  char name[32];
  std::snprintf(name, sizeof name, "step-%09lld", static_cast<long long>(step));
  return directory_ / name;
}

std::vector<std::int64_t> CheckpointStore::steps() const {
  std::vector<std::int64_t> found;
  for (const std::string& name : names_in(directory_)) {
    const std::int64_t step = step_of(name);
    std::error_code failed;
    if (step >= 0 && fs::exists(directory_ / name / kMarker, failed)) found.push_back(step);
    if (failed) throw cannot_read(directory_ / name, failed);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

void CheckpointStore::save(const ParameterSet& parameters, const AdamW& optimiser, const RunState& state) {
  const fs::path target = path_of(state.step);
  if (is_good(target)) return;  // the run is deterministic: it would write the same
  remove_directory(target);
  model::StagedDirectory staged(target);
  const FileSeal seal = write_state_file(staged.path() / kState, parameters, optimiser, state);
  model::write_text_file(staged.path() / kMarker, marker_text(seal));
  staged.commit();
  const std::vector<std::int64_t> all = steps();
  for (std::size_t i = static_cast<std::size_t>(keep_); i < all.size(); ++i) remove_directory(path_of(all[i]));
}

bool CheckpointStore::load_latest(ParameterSet& parameters, AdamW& optimiser, RunState& state,
                                  const std::function<void(const std::string&)>& warn) {
  const std::string expected = state.configuration;
  const std::vector<std::int64_t> all = steps();
  std::vector<fs::path> damaged;
  for (const std::int64_t step : all) {
    const fs::path path = path_of(step);
    try {
      verify(path);
    } catch (const Error& error) {
      warn(std::string(error.what()) + "; trying the checkpoint before");
      damaged.push_back(path);
      continue;
    }
    read_state_file(path / kState, parameters, optimiser, state);
    if (state.configuration != expected) {
      throw input_error(path.string() + ": belongs to a run with other settings" + differences(state.configuration, expected) +
                        "; choose another output directory or the flags this run was started with");
    }
    for (const fs::path& useless : damaged) remove_directory(useless);
    return true;
  }
  if (all.empty()) return false;
  throw input_error(directory_.string() +
                    ": expected a good checkpoint, found damaged ones only; remove the directory to start " + "again");
}

}  // namespace squat::qat
