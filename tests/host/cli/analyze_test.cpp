// SPDX-License-Identifier: Apache-2.0
// squat analyze from the command line: every study runs on the shipped model, and its numbers agree with what other commands
// say of the same model.
#include <cmath>
#include <set>

#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

/// Four windows of calibration are quick; the default is that of squat quantize.
constexpr const char* kQuick = "4";

std::vector<std::string> study(const std::string& name, const std::vector<std::string>& more = {},
                               const std::string& calibration = kQuick) {
  std::vector<std::string> all = {"analyze",         name,
                                  "--model",         (tales() / "fp32").string(),
                                  "--text",          (tales() / "valid.txt").string(),
                                  "--calib",         (tales() / "calibration.txt").string(),
                                  "--max-windows",   "2",
                                  "--calib-windows", calibration};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

json run_study(const std::string& name, const std::vector<std::string>& more = {}, const std::string& calibration = kQuick) {
  json object = run_json(study(name, more, calibration));
  CHECK(object["analysis"] == name);
  CHECK(object["windows"] == 2);
  REQUIRE_FALSE(object["rows"].empty());
  return object;
}

double perplexity(const std::string& model) {
  return run_json({"eval", "--model", model, "--text", (tales() / "valid.txt").string(), "--max-windows", "2"})["perplexity"];
}

/// Of the integer model. On so few tokens it and the fake-quantised one differ by up to a hundredth.
double perplexity_at(const std::string& activations) {
  const TemporaryDirectory directory;
  const std::string out = (directory.path() / "w4").string();
  REQUIRE(run_cli({"quantize", "--model", (tales() / "fp32").string(), "--calib", (tales() / "calibration.txt").string(),
                   "--out", out, "--activations", activations})
              .code == 0);
  return perplexity(out);
}

}  // namespace

TEST_CASE("modules: between floating point and the quantised model") {
  const json object = run_study("modules", {}, "32");
  const double real = object["perplexity"];
  CHECK(real == Approx(perplexity((tales() / "fp32").string())));
  REQUIRE(object["rows"].size() == 6);
  for (const json& row : object["rows"]) {
    INFO(row.dump());
    CHECK(row["increase"].get<double>() == Approx(row["perplexity"].get<double>() - real));
    CHECK(row["perplexity"].get<double>() > 0.98 * real);
  }
  const json& all = object["rows"].back();
  CHECK(all["rounded"] == "all");
  CHECK(all["perplexity"].get<double>() == Approx(perplexity_at("4")).epsilon(0.015));
}

TEST_CASE("bits: fewer cost more, and 8 is the quantised model's") {
  const json object = run_study("bits", {}, "32");
  REQUIRE(object["rows"].size() == 9);
  const auto row = [&](std::size_t i, const char* name) { return object["rows"][i][name].get<double>(); };
  CHECK(row(0, "perplexity") == Approx(perplexity((tales() / "fp32").string())));
  CHECK(row(1, "perplexity") == Approx(perplexity_at("8")).epsilon(0.015));
  CHECK(row(1, "perplexity") < row(4, "perplexity"));
  CHECK(row(4, "perplexity") < row(5, "perplexity"));
  for (std::size_t i = 6; i < 9; ++i) {
    CHECK(object["rows"][i]["activations"] == "mixed");
    CHECK(row(i, "mean_bits") == Approx(4 + 4 * row(i, "eight_bit_share")).margin(0.03));
    CHECK(row(i, "perplexity") < row(5, "perplexity"));
  }
}

TEST_CASE("distributions: every head, with histograms in JSON alone") {
  const json object = run_study("distributions");
  CHECK(object["rows"].size() == 4 * (4 + 2));
  for (const json& row : object["rows"]) {
    CHECK(row["values"] == 2 * 128 * 32);
    CHECK(row["rounded_entropy"].get<double>() <= 4);
    const double s = row["skewness"], k = row["excess_kurtosis"];
    CHECK(row["jarque_bera"].get<double>() == Approx(2 * 128 * 32 / 6.0 * (s * s + k * k / 4)));
    CHECK(row["relative_error"].get<double>() == Approx(row["squared_error"].get<double>() / row["variance"].get<double>()));
  }
  CHECK(object["histograms"].size() == 8);
  const CliResult table = run_cli(study("distributions"));
  CHECK(table.code == 0);
  CHECK(table.out.find("histograms") == std::string::npos);
  const CliResult csv = run_cli(study("distributions", {"--format", "csv"}));
  CHECK(csv.out.compare(0, 18, "layer,tensor,head,") == 0);
}

TEST_CASE("attention: means of the heads, and whole maps on request") {
  const json object = run_study("attention", {"--maps", "6"});
  REQUIRE(object["rows"].size() == 16);
  double first = 0;
  for (const json& row : object["rows"]) {
    first += row["first_column"].get<double>() / 16;
    CHECK(row["cosine"].get<double>() > 0.7);
    CHECK(row["cosine"].get<double>() <= 1);
  }
  CHECK(object["first_column"].get<double>() == Approx(first));
  REQUIRE(object["maps"].size() == 4);
  for (const json& map : object["maps"]) {
    REQUIRE(map["float"].size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < 6; ++j) sum += map["rounded"][i][j].get<double>();
      CHECK(sum == Approx(1).margin(1e-5));
    }
  }
  check_fails(study("attention", {"--maps", "6"}), 2, "--maps gives whole maps, which only --format json can hold");
}

TEST_CASE("correlation: intervals around every coefficient") {
  const json object = run_study("correlation");
  REQUIRE(object["rows"].size() == 6);
  for (const json& row : object["rows"]) {
    CHECK((row["heads"] == 16 || row["heads"] == 8));
    CHECK(row["low"].get<double>() <= row["pearson"].get<double>());
    CHECK(row["high"].get<double>() >= row["pearson"].get<double>());
  }
}

TEST_CASE("importance: every score at the same share") {
  const json object = run_study("importance", {"--rho", "0.5", "--seeds", "2", "--threads", "2"});
  std::set<std::string> scores;
  double least = 1e9, most = 0;
  for (const json& row : object["rows"]) {
    scores.insert(row["score"].get<std::string>());
    const double p = row["perplexity"];
    if (row["score"] == "all 8 bit") least = p;
    if (row["score"] == "all 4 bit") most = p;
    if (row["rho"] == 0.5) CHECK(row["eight_bit_share"] == 0.5);
  }
  CHECK(scores.size() == (has_trainer() ? 7 : 6));
  CHECK(least < most);
}

TEST_CASE("widths: the rules keep their shares") {
  const json object = run_study("widths", {"--rho", "0.5", "--parts", "4"});
  CHECK(object["rows"].size() == 5 * 4);
  for (const json& row : object["rows"]) {
    REQUIRE(row["by_position"].size() == 4);
    double mean = 0;
    for (const json& part : row["by_position"]) mean += part.get<double>() / 4;
    CHECK(row["share"].get<double>() == Approx(mean));
    if (row["rule"] != "prefix") CHECK(mean == Approx(0.5).margin(0.02));
  }
}

TEST_CASE("losses: every combination is trained from the same start") {
  if (!has_trainer()) return;
  const json object = run_study("losses", {"--steps", "3", "--batch", "2", "--seeds", "2", "--threads", "2"});
  REQUIRE(object["rows"].size() == 8);
  for (const json& row : object["rows"]) {
    CHECK(row["perplexity"].get<double>() > 15);
    CHECK(row["perplexity"].get<double>() < 40);
  }
  CHECK(object["rows"][0]["perplexity"] != object["rows"][1]["perplexity"]);  // another seed
  CHECK(object["rows"][0]["perplexity"] != object["rows"][2]["perplexity"]);  // another loss
  std::vector<std::string> without = study("losses");
  without.erase(without.begin() + 6, without.begin() + 8);  // --calib
  check_fails(without, 2, "losses trains on --calib and measures on --text");
}

TEST_CASE("what a study cannot use is refused") {
  const json all = run_json(study("attention", {"--activations", "8"}));
  CHECK(all["activations"] == "8");
  check_fails({"analyze"}, 2, "no command given; the commands of squat analyze are modules");
  check_fails({"analyze", "bogus"}, 2, "squat analyze --help");
  check_fails(study("modules", {"--activations", "6"}), 2, "--activations");
  check_fails(study("widths", {"--rho", "nan"}), 2, "--rho");
  check_fails(study("modules", {"--window", "257"}), 2, "beyond the 256 positions of the model");
  check_fails({"analyze", "modules", "--model", quantized_tales().string(), "--text", (tales() / "valid.txt").string()}, 2,
              "is quantised already");
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "short.txt", "A short text.\n");
  check_fails({"analyze", "bits", "--model", (tales() / "fp32").string(), "--text", (directory.path() / "short.txt").string()},
              3, "short.txt: expected text of at least 128 tokens");
  for (const char* name : {"modules", "bits", "distributions", "attention", "correlation", "importance", "widths"}) {
    const CliResult help = run_cli({"analyze", name, "--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find("Example:\n  squat analyze " + std::string(name)) != std::string::npos);
  }
}
