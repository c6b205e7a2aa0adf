// SPDX-License-Identifier: Apache-2.0
// Golden vectors of the trainer: made with PyTorch, read from the development data. Without it these tests say so and pass.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/model/safetensors.hpp"
#include "tests/catch.hpp"

namespace squat::test {

/// SQUAT_GOLDEN_DIR from the environment, else the development data's folder.
inline std::filesystem::path golden_directory() {
  const char* given = std::getenv("SQUAT_GOLDEN_DIR");
  return given != nullptr ? std::filesystem::path(given) : std::filesystem::path(SQUAT_SHARED_DIR) / "golden";
}

/// Files of the folder whose names start and end so, sorted; warns when there are none.
inline std::vector<std::filesystem::path> golden_files(const std::string& start, const std::string& end) {
  std::vector<std::filesystem::path> found;
  if (std::filesystem::is_directory(golden_directory())) {
    for (const auto& entry : std::filesystem::directory_iterator(golden_directory())) {
      const std::string name = entry.path().filename().string();
      if (name.size() >= start.size() + end.size() && name.compare(0, start.size(), start) == 0 &&
          name.compare(name.size() - end.size(), end.size(), end) == 0) {
        found.push_back(entry.path());
      }
    }
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) WARN("skipped: no " << start << "*" << end << " in " << golden_directory());
  return found;
}

class Golden {
 public:
  explicit Golden(const std::filesystem::path& path) : file_(path) {}
  bool has(const std::string& name) const { return file_.find(name) != nullptr; }
  const std::map<std::string, std::string>& metadata() const { return file_.metadata(); }
  const std::vector<model::TensorInfo>& tensors() const { return file_.tensors(); }
  model::Shape shape(const std::string& name) const { return file_.find(name)->shape; }
  /// F32 or I64 as double.
  std::vector<double> values(const std::string& name) const {
    const model::TensorInfo* info = file_.find(name);
    INFO(name);
    REQUIRE(info != nullptr);
    const std::vector<std::uint8_t> bytes = file_.read(*info);
    std::vector<double> out;
    if (info->dtype == model::Dtype::kI64) {
      for (std::size_t i = 0; i < bytes.size(); i += 8) {
        std::int64_t v;
        std::memcpy(&v, bytes.data() + i, 8);
        out.push_back(static_cast<double>(v));
      }
    } else {
      for (std::size_t i = 0; i < bytes.size(); i += 4) {
        float v;
        std::memcpy(&v, bytes.data() + i, 4);
        out.push_back(static_cast<double>(v));
      }
    }
    return out;
  }

 private:
  model::SafetensorsFile file_;
};

/// Largest difference as a share of the largest expected magnitude (or of `floor` when that is larger).
template <typename A, typename B>
double relative_difference(const A* found, const B* expected, std::size_t count, double floor = 1e-9) {
  double largest = floor, worst = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(static_cast<double>(expected[i])));
  for (std::size_t i = 0; i < count; ++i) {
    const double d = std::fabs(static_cast<double>(found[i]) - static_cast<double>(expected[i]));
    worst = std::isnan(d) ? HUGE_VAL : std::max(worst, d);
  }
  return worst / largest;
}

}  // namespace squat::test
