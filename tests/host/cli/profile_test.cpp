// SPDX-License-Identifier: Apache-2.0
// bench --profile: its tables agree with one another and with the result without it; devices without counters are refused.
#include <map>
#include <sstream>

#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

const std::vector<std::string> kBench = {"bench", "--shape", "tiny", "--device", "sim", "--prefill", "24", "--decode", "2"};

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), kBench.begin(), kBench.end());
  return more;
}

std::uint64_t sum(const json& rows, const char* phase, const char* column) {
  std::uint64_t total = 0;
  for (const json& row : rows) {
    if (row["phase"] == phase) total += row[column].get<std::uint64_t>();
  }
  return total;
}

}  // namespace

TEST_CASE("tables by role, by layer and by command hold the same sums") {
  const json object = run_json(with({"--profile"}));
  const json plain = run_json(kBench);
  CHECK(object["definition"].contains("profile"));
  std::map<std::string, std::uint64_t> cycles;
  for (std::size_t i = 0; i < 2; ++i) {
    const json& row = object["results"][i];
    cycles[row["phase"]] = row["cycles"];
    CHECK(row["phase"] == plain["results"][i]["phase"]);
    // Only the writes of the records differ.
    CHECK(row["cycles"].get<double>() == Approx(plain["results"][i]["cycles"].get<double>()).epsilon(0.03));
  }
  for (const char* phase : {"prefill", "decode"}) {
    INFO(phase);
    for (const char* column : {"weight_stall", "drain_stall", "read_beats", "write_beats", "eight_tokens", "four_tokens"}) {
      INFO(column);
      const std::uint64_t commands = sum(object["commands"], phase, column);
      CHECK(sum(object["roles"], phase, column) == commands);
      CHECK(sum(object["layers"], phase, column) == commands);
    }
    std::map<std::string, std::uint64_t> busy;
    std::uint64_t last = 0;
    for (const json& row : object["commands"]) {
      if (row["phase"] != phase) continue;
      busy[row["unit"].get<std::string>() + "_busy"] += row["busy"].get<std::uint64_t>();
      last = std::max(last, row["end"].get<std::uint64_t>());
      CHECK(row["start"] < row["end"]);
    }
    CHECK(busy.size() == 4);
    CHECK(last <= cycles[phase]);
    for (const auto& [column, commands] : busy) {
      CHECK(sum(object["roles"], phase, column.c_str()) == commands);
      CHECK(sum(object["layers"], phase, column.c_str()) == commands);
    }
    for (const json& row : object["linear"]) {
      if (row["phase"] != phase) continue;
      CHECK(row["mac_use"].get<double>() > 0);
      CHECK(row["mac_use"].get<double>() <= 1);
      const double stalls = row["weight_stall"].get<double>() + row["drain_stall"].get<double>();
      CHECK(row["mac_use_least"].get<double>() ==
            Approx(row["needed_cycles"].get<double>() / (row["array_cycles"].get<double>() + stalls)));
      CHECK(row["mac_steps"].get<std::uint64_t>() <= row["array_cycles"].get<std::uint64_t>());
    }
  }
  CHECK(object["linear"].size() == 2);
}

TEST_CASE("csv is the table of commands, the other forms leave it out") {
  const CliResult csv = run_cli(with({"--profile", "--format", "csv"}));
  REQUIRE(csv.code == 0);
  std::istringstream lines(csv.out);
  std::string line;
  std::getline(lines, line);
  CHECK(line.find("device,phase,pass,command,layer,role,head,unit,opcode,start,end,busy") == 0);
  int rows = 0;
  while (std::getline(lines, line)) rows += line.rfind("sim,", 0) == 0;
  const json object = run_json(with({"--profile"}));
  CHECK(rows == static_cast<int>(object["commands"].size()));
  const CliResult table = run_cli(with({"--profile"}));
  REQUIRE(table.code == 0);
  for (const char* name : {"\nlinear\n", "\nroles\n", "\nlayers\n"}) CHECK(table.out.find(name) != std::string::npos);
  CHECK(table.out.find("\ncommands\n") == std::string::npos);
}

TEST_CASE("devices without counters are refused before anything runs") {
  for (const char* devices : {"cpu", "ref", "sim,cpu"}) {
    check_fails({"bench", "--shape", "tiny", "--profile", "--device", devices}, 2, "has no counters of its commands");
  }
  check_fails({"bench", "--shape", "tiny", "--profile"}, 2, "device cpu");
}
