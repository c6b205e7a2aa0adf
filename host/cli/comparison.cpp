// SPDX-License-Identifier: Apache-2.0
#include "host/cli/comparison.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "host/cli/float_bench.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/published.hpp"
#include "host/cli/speedup.hpp"
#include "host/cli/summary.hpp"
#include "host/cli/width_flags.hpp"
#include "host/evaluate/table_columns.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

/// One line of the comparison: a device, and which accelerator it stands for when it simulates one.
struct Entry {
  std::string device, config;

  std::string name() const { return config.empty() ? device : device + " " + config; }
};

std::vector<Entry> entries_of(const std::vector<std::string>& devices, const std::vector<std::string>& configs) {
  std::vector<Entry> entries;
  for (const std::string& device : devices) {
    if ((device != "sim" && device != "estimate") || configs.empty()) {
      entries.push_back({device, ""});
      continue;
    }
    for (const std::string& config : configs) entries.push_back({device, config});
  }
  return entries;
}

class ComparisonRun {
 public:
  ComparisonRun(const CommonOptions& given, const ComparisonOptions& options)
      : options_(options),
        config_(config_of(options.bench)),
        how_(options.bench.measure),
        asked_(!options.bench.devices.empty()) {
    check_bench_options(options.bench, config_);
    const BenchOptions& bench = options.bench;
    name_ = !bench.model.empty() ? bench.model : bench.shape.empty() ? "tiny" : bench.shape;
    how_.seed = given.seed;
    how_.threads = given.threads;
    const std::vector<std::string> devices = asked_ ? bench.devices : std::vector<std::string>{"cpu", "sim"};
    CommonOptions common = given;
    if (!options.configs.empty()) common.config = options.configs.front();
    common_ = options_for(common, devices);
    entries_ = entries_of(devices, options.configs);
  }

  ComparisonResult run() {
    {
      const model::IntegerModel m = quantize::random_model(config_, 4, {}, 0);
      for_each_entry([&](const Entry& entry) { check_bench_options(options_.bench, *open(entry, m).device); });
    }
    Progress progress("setting");
    int done = 0;
    const int total = static_cast<int>(entries_.size() * (evaluate::kTableColumns.size() - 1));
    for (const evaluate::TableColumn& column : evaluate::kTableColumns) {
      if (column.weight_bits == 16) {
        add_float_rows();
        continue;
      }
      const model::WidthPolicy widths = policy_of({column.weight_bits, column.activations, column.rho, "random"}, common_.seed);
      const model::IntegerModel m = quantize::random_model(config_, column.weight_bits, widths, common_.seed);
      for_each_entry([&](const Entry& entry) {
        const OpenDevice opened = open(entry, m);
        how_.limit = limit_for(entry, opened);
        for (const auto& row : measure(opened, name_, how_, [](int, int) {})) results_.push_back(row);
        add_accelerator_row(entry, opened);
        progress.update(++done, total);
      });
    }
    return {object(), code_};
  }

 private:
  /// Of the only device that computes in FP16.
  void add_float_rows() {
    const auto is_cpu = [](const Entry& entry) { return entry.device == "cpu"; };
    if (std::none_of(entries_.begin(), entries_.end(), is_cpu)) return;
    how_.limit = half_limit(common_);
    for (const auto& row : measure_float(config_, name_, how_, common_.threads, [](int, int) {})) results_.push_back(row);
  }

  OpenDevice open(const Entry& entry, const model::IntegerModel& m) const {
    CommonOptions common = common_;
    if (!entry.config.empty()) common.config = entry.config;
    return open_device(entry.device, m, common);
  }

  /// Of the processor once per width of the weights: finding it takes a part of a second.
  const LimitFunction& limit_for(const Entry& entry, const OpenDevice& opened) {
    const auto key = std::make_pair(entry.name(), opened.device->model().weight_bits);
    auto known = limits_.find(key);
    if (known == limits_.end()) known = limits_.emplace(key, limit_of(opened, common_)).first;
    return known->second;
  }

  /// Runs `step` for each entry; one that is unavailable or fails is left out from then on, and standard error says so.
  /// Left out is an error (4, 5) when the device was asked for, and always when it failed in a run.
  void for_each_entry(const std::function<void(const Entry&)>& step) {
    std::vector<Entry> remaining;
    for (const Entry& entry : entries_) {
      try {
        step(entry);
        remaining.push_back(entry);
      } catch (const Error& error) {
        const bool failed = error.code() == ExitCode::kDeviceFailed;
        if (!failed && error.code() != ExitCode::kDeviceUnavailable) throw;
        note("device " + entry.name() + " is left out: " + error.what());
        left_out_.push_back({{"device", entry.name()}, {"reason", error.what()}});
        if (failed || (asked_ && code_ == ExitCode::kOk)) code_ = error.code();
      }
    }
    entries_ = remaining;
  }

  void add_accelerator_row(const Entry& entry, const OpenDevice& opened) {
    Json row = {{"device", entry.device}};
    add_accelerator(row, opened);
    if (row.size() == 1) return;
    if (opened.clock_mhz > 0) row["clock_mhz"] = opened.clock_mhz;
    if (std::find(accelerators_.begin(), accelerators_.end(), row) == accelerators_.end()) accelerators_.push_back(row);
  }

  Json object() {
    for (const auto& row : published_rows()) results_.push_back(row);
    add_speedups(results_);
    Json summary = summary_of(results_);
    Json object = bench_object("squat.compare/1", std::move(results_), common_,
                               accelerators_.size() == 1 ? accelerators_.front() : Json::object());
    object["definition"]["limit"] =
        "the longer of: all bytes that a pass needs (weights, keys and values, once) at the memory's best rate, and all its "
        "products at the device's best rate; accelerators: four ports of weights and all cells in every cycle; cpu: both "
        "rates measured in this run, plain loads of as many bytes and this kernel's products from a cache";
    object["definition"]["speedup_fp16"] =
        "times as fast as the same device's FP16 row of the same shape, phase, tokens and context; null where it has none";
    object["ms_per_token"] = std::move(summary);
    if (!accelerators_.empty()) object["accelerators"] = accelerators_;
    if (!left_out_.empty()) object["left_out"] = left_out_;
    return object;
  }

  const ComparisonOptions& options_;
  model::ModelConfig config_;
  MeasureOptions how_;
  bool asked_;
  std::string name_;
  CommonOptions common_;
  std::vector<Entry> entries_;
  std::map<std::pair<std::string, int>, LimitFunction> limits_;
  Json results_ = Json::array(), left_out_ = Json::array(), accelerators_ = Json::array();
  ExitCode code_ = ExitCode::kOk;
};

}  // namespace

ComparisonResult run_comparison(const CommonOptions& given, const ComparisonOptions& options) {
  return ComparisonRun(given, options).run();
}

}  // namespace squat::cli
