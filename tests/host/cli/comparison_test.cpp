// SPDX-License-Identifier: Apache-2.0
// What compare derives from its rows: columns, speed-ups between comparable rows only, limits, tables for reading.
#include <sstream>

#include "host/cli/output.hpp"
#include "host/cli/published.hpp"
#include "host/cli/roofline.hpp"
#include "host/cli/speedup.hpp"
#include "host/cli/summary.hpp"
#include "host/evaluate/table_columns.hpp"
#include "tests/catch.hpp"

using namespace squat;
using Json = nlohmann::ordered_json;

namespace {

Json row(const std::string& device, int bits, const std::string& activations, const Json& rho, int context, double ms) {
  return {{"device", device}, {"shape", "x"}, {"phase", "decode"},  {"weight_bits", bits}, {"activations", activations},
          {"rho", rho},       {"tokens", 4},  {"context", context}, {"ms_per_token", ms},  {"source", "measured"}};
}

const char* name_of(int bits, const std::string& activations, const Json& rho) {
  const evaluate::TableColumn* column = evaluate::column_of(row("d", bits, activations, rho, 0, 1));
  return column == nullptr ? "none" : column->name;
}

}  // namespace

TEST_CASE("rows find their column of Table IV") {
  CHECK(name_of(16, "16", nullptr) == std::string("FP16"));
  CHECK(name_of(8, "8", 1.0) == std::string("W8A8"));
  CHECK(name_of(4, "8", 1.0) == std::string("W4A8"));
  CHECK(name_of(4, "4", 0.0) == std::string("W4A4"));
  CHECK(name_of(4, "mixed", 0.75) == std::string("4:8 = 1:3"));
  CHECK(name_of(4, "mixed", 0.52) == std::string("4:8 = 1:1"));
  CHECK(name_of(4, "mixed", 0.25) == std::string("4:8 = 3:1"));
  CHECK(name_of(8, "4", 0.0) == std::string("none"));
  CHECK(name_of(8, "mixed", 0.5) == std::string("none"));
  CHECK(name_of(4, "mixed", 0.01) == std::string("none"));
}

TEST_CASE("speed-ups are taken between rows of one device at equal context only") {
  Json rows = {row("a", 16, "16", nullptr, 128, 12.0), row("a", 8, "8", 1.0, 128, 6.0), row("a", 4, "8", 1.0, 128, 3.0),
               row("a", 4, "4", 0.0, 64, 1.0),         row("b", 4, "8", 1.0, 128, 1.5), row("b", 8, "8", 1.0, 128, 4.5)};
  rows.push_back(row("b", 4, "8", 1.0, 128, 9.0));
  rows.back()["config"] = "wide";
  rows.push_back(row("b", 4, "8", 1.0, 128, 9.0));
  rows.back()["source"] = "rtl-simulated";
  cli::add_speedups(rows);
  CHECK(rows[0]["speedup_fp16"] == 1.0);
  CHECK(rows[0]["speedup_w8a8"] == 0.5);
  CHECK(rows[2]["speedup_fp16"] == 4.0);
  CHECK(rows[2]["speedup_w8a8"] == 2.0);
  CHECK(rows[3]["speedup_fp16"].is_null());  // context 64
  CHECK(rows[3]["speedup_w8a8"].is_null());
  CHECK(rows[4]["speedup_fp16"].is_null());  // b has none
  CHECK(rows[4]["speedup_w8a8"] == 3.0);
  CHECK(rows[6]["speedup_w8a8"].is_null());  // another configuration
  CHECK(rows[7]["speedup_w8a8"].is_null());  // another kind of time
}

TEST_CASE("published rows give the speed-ups that the paper prints") {
  Json rows = cli::published_rows();
  CHECK(rows.size() == 4 * 7);
  cli::add_speedups(rows);
  std::vector<double> best;
  for (const Json& each : rows) {
    if (each["activations"] == "4") best.push_back(each["speedup_fp16"].get<double>());
  }
  REQUIRE(best.size() == 4);
  const double printed[] = {2.24, 2.31, 2.26, 2.37};  // Table IV, last column
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(best[i] - printed[i]) < 0.0101);
}

TEST_CASE("a row's limit is the longer of its bytes and its products") {
  // 4 tokens in 4 passes: 1000 bytes each at 10 bytes/ms, 600 products each at 20 per ms.
  const cli::Work work{2000, 400, 4000};
  int asked_passes = 0;
  const cli::LimitFunction limit = [&](const cli::Work& w, int passes) {
    asked_passes = passes;
    return cli::Limit{w.bytes / 10, (w.macs8 + w.macs4) / 20};
  };
  Json decode = row("a", 4, "8", 1.0, 128, 125.0);
  cli::add_roofline(decode, work, 4, 4, limit);
  CHECK(asked_passes == 4);
  CHECK(decode["limit"] == "memory");
  CHECK(decode["limit_ms_per_token"] == 100.0);
  CHECK(decode["limit_share"] == 0.8);
  CHECK(decode["tokens_per_second"] == 8.0);
  CHECK(decode["bytes_per_token"] == 1000.0);
  CHECK(decode["macs_per_token"] == 600.0);
  CHECK(decode["memory_gb_per_s"].get<double>() == Approx(10 * 1e-6));
  CHECK_FALSE(decode.contains("first_token_ms"));

  Json prefill = row("a", 4, "8", 1.0, 0, 40.0);
  prefill["phase"] = "prefill";
  cli::add_roofline(prefill, {8000, 0, 1000}, 1, 10, limit);
  CHECK(prefill["limit"] == "compute");
  CHECK(prefill["limit_ms_per_token"] == 40.0);
  CHECK(prefill["limit_share"] == 1.0);
  CHECK(prefill["first_token_ms"] == 400.0);

  Json unknown = row("a", 4, "8", 1.0, 0, 40.0);
  cli::add_roofline(unknown, work, 4, 4, {});
  CHECK(unknown.contains("bytes_per_token"));
  CHECK_FALSE(unknown.contains("limit"));
}

TEST_CASE("an accelerator's limit is a beat on every port and all its cells in every cycle") {
  cli::OpenDevice opened;
  opened.clock_mhz = 250;
  opened.limits.rows = 16;
  opened.limits.columns = 32;
  // 512 cells: 2 products of 8 bits, 4 of 4 bits a cycle. 250,000 cycles a millisecond.
  const cli::Limit least = cli::limit_of(opened, {})({1024.0 * 250e3, 2048.0 * 500e3, 64.0 * 750e3}, 1);
  CHECK(least.compute_ms == Approx(1.0 + 2.0));
  CHECK(least.memory_ms == Approx(3.0));
  opened.limits.axi_bits = 512;  // 256 bytes a cycle instead of 64
  const cli::Limit wide = cli::limit_of(opened, {})({1024.0 * 250e3, 2048.0 * 500e3, 256.0 * 750e3}, 1);
  CHECK(wide.compute_ms == least.compute_ms);
  CHECK(wide.memory_ms == Approx(3.0));
}

TEST_CASE("reading tables are at most 80 columns wide") {
  Json rows = cli::published_rows();
  for (const char* phase : {"prefill", "decode"}) {
    for (const evaluate::TableColumn& column : evaluate::kTableColumns) {
      for (const double ms : {0.01234, 9.99951, 99.9951, 12345.6}) {
        Json each = row("estimate", column.weight_bits, column.activations, column.rho, 128, ms);
        each.update({{"phase", phase},
                     {"source", "rtl-simulated"},
                     {"config", "kv260"},
                     {"limit", "memory"},
                     {"limit_share", 1.234},
                     {"bytes_per_token", 52256768.0},
                     {"tokens_per_second", 123456.0},
                     {"first_token_ms", 0.5}});
        each["config"] = "c" + std::to_string(static_cast<int>(ms));
        rows.push_back(each);
      }
    }
  }
  cli::add_speedups(rows);
  const Json tables = cli::reading_tables(rows);
  CHECK(tables.size() == 2 * 5 + 1);
  std::ostringstream out;
  cli::print(out, tables, cli::Format::kTable);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
  CHECK(out.str().find("Raspberry Pi 5  llama-58m  15.63  9.400") != std::string::npos);
  const Json& share = tables["decode: limit (memory, compute), share of it reached"];
  CHECK(share[0]["W4A4"] == "m123%");
  CHECK(tables["decode: ms per token"][1]["FP16"] == "10.00");
  CHECK(tables["decode: ms per token"][2]["FP16"] == "100.0");
  CHECK(tables["decode: ms per token"][3]["FP16"] == "12346");
}
