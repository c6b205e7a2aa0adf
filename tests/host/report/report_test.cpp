// SPDX-License-Identifier: Apache-2.0
// What the report derives from results, against values by hand, and that no text of a result becomes part of the page.
#include <map>

#include "host/model/error.hpp"
#include "host/model/markup.hpp"
#include "host/report/assets.hpp"
#include "host/report/page.hpp"
#include "host/report/quality.hpp"
#include "host/report/timeline.hpp"
#include "host/report/view.hpp"
#include "tests/catch.hpp"
#include "tests/host/support.hpp"

using namespace squat;
using nlohmann::json;

namespace {

json latency(const std::string& device, int bits, const std::string& activations, double rho, double ms) {
  return {{"device", device}, {"shape", "x"}, {"phase", "decode"}, {"weight_bits", bits}, {"activations", activations},
          {"rho", rho},       {"tokens", 4},  {"context", 128},    {"ms_per_token", ms},  {"source", "measured"}};
}

json perplexity(int bits, const std::string& activations, const json& share, double value) {
  return {{"schema", "squat.eval/1"},
          {"model", "m"},
          {"text", "t"},
          {"windows", 3},
          {"weight_bits", bits},
          {"activations", activations},
          {"eight_bit_share", share},
          {"perplexity", value}};
}

json command(const std::string& unit, std::uint32_t start, std::uint32_t end, std::uint32_t first, std::uint32_t last,
             std::uint32_t busy) {
  return {{"device", "sim"}, {"phase", "prefill"}, {"pass", 0u},         {"layer", 0},       {"role", "q"},
          {"head", nullptr}, {"unit", unit},       {"start", start},     {"end", end},       {"first", first},
          {"last", last},    {"busy", busy},       {"weight_stall", 0u}, {"drain_stall", 0u}};
}

double busy(const json& rows, const std::string& unit, int bin) {
  int seen = 0;
  for (const json& row : rows) {
    if (row["unit"] == unit && seen++ == bin) return row["busy"].get<double>();
  }
  return -1;
}

std::string message_of(const json& object, const std::string& schema) {
  try {
    report::check_result({"f.json", object}, schema);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("quality joins latency by setting, and the front has what nothing beats") {
  const json compare = {{"results",
                         {latency("a", 8, "8", 1.0, 4.0), latency("a", 4, "8", 1.0, 3.0), latency("a", 4, "mixed", 0.5, 3.0),
                          latency("a", 4, "4", 0.0, 2.0), latency("b", 4, "4", 0.0, 9.0)}}};
  // 32 bits stand in the FP16 column, which no row has; a share of 0.52 is nearest to 1:1.
  const json evals = {perplexity(32, "float", nullptr, 20), perplexity(8, "8", 1.0, 22), perplexity(4, "8", 1.0, 22),
                      perplexity(4, "mixed", 0.52, 24), perplexity(4, "4", 0.0, 30)};
  const json rows = report::quality_rows(compare, evals);
  std::map<std::string, bool> front;
  for (const json& row : rows) front[row["label"].get<std::string>() + " " + row["setting"].get<std::string>()] = row["front"];
  // W8A8 is as good as W4A8 and slower; 1:1 as fast as W4A8 and worse.
  CHECK(front == std::map<std::string, bool>{{"a, measured W8A8", false},
                                             {"a, measured W4A8", true},
                                             {"a, measured 4:8 = 1:1", false},
                                             {"a, measured W4A4", true},
                                             {"b, measured W4A4", true}});
  CHECK(rows[0]["measure"] == "perplexity, t, 3 windows");
}

TEST_CASE("a higher accuracy is better") {
  json first = perplexity(8, "8", 1.0, 0), second = perplexity(4, "4", 0.0, 0);
  for (json* eval : {&first, &second}) {
    eval->erase("perplexity");
    (*eval)["blimp"] = "pairs";
  }
  first["accuracy"] = 0.7;
  second["accuracy"] = 0.8;
  const json rows =
      report::quality_rows({{"results", {latency("a", 8, "8", 1.0, 4.0), latency("a", 4, "4", 0.0, 2.0)}}}, {first, second});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["front"] == false);
  CHECK(rows[1]["front"] == true);
  CHECK(rows[1]["measure"] == "accuracy, pairs");
}

TEST_CASE("busy cycles are spread over the time in which a unit worked") {
  // 100 cycles in 4 bins. gemm: 30 busy cycles evenly over cycles 10..39, so 15 fall into each of the first two bins' 15.
  // vec: 20 busy cycles over its run from 50 to 90: half a cycle busy in each.
  const json rows = report::busy_over_time(
      {command("gemm", 0, 60, 10, 39, 30), command("vec", 50, 90, 0, 0, 20), command("io", 0, 100, 0, 0, 0)}, 4);
  CHECK(rows.size() == 4 * 4);
  CHECK(busy(rows, "gemm", 0) == Approx(15.0 / 25));
  CHECK(busy(rows, "gemm", 1) == Approx(15.0 / 25));
  CHECK(busy(rows, "gemm", 2) == 0.0);
  CHECK(busy(rows, "vec", 1) == 0.0);
  CHECK(busy(rows, "vec", 2) == Approx(0.5));
  CHECK(busy(rows, "vec", 3) == Approx(7.5 / 25));
  CHECK(busy(rows, "io", 0) == 0.0);
  CHECK(rows[1]["start"] == 25.0);
  CHECK(rows[1]["end"] == 50.0);
}

TEST_CASE("a command that ends with the run or lies about its time stays within the chart") {
  const json rows = report::busy_over_time(
      {command("load", 0, 10, 4000000000u, 4000000001u, 5), command("gemm", 0, 10, 0, 9, 4000000000u)}, 4);
  for (const json& row : rows) {
    CHECK(row["busy"].get<double>() >= 0.0);
    CHECK(row["busy"].get<double>() <= 1.0);
  }
  CHECK(report::busy_over_time(json::array(), 4).empty());
  CHECK(report::busy_over_time(json::array({command("gemm", 0, 0, 0, 0, 0)}), 4).empty());
}

TEST_CASE("the commands of the middle layer of the first pass are shown") {
  json commands = json::array();
  for (int layer = 0; layer < 4; ++layer) {
    commands.push_back(command("gemm", 0, 10, 0, 9, 10));
    commands.back()["layer"] = layer;
    commands.push_back(commands.back());
    commands.back()["pass"] = 1u;
  }
  commands.push_back(command("io", 0, 5, 0, 0, 5));
  commands.back()["layer"] = nullptr;
  const json rows = report::commands_of_middle_layer(commands);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["layer"] == 2);
}

TEST_CASE("results of the wrong kind are refused by file, field, expected and found") {
  CHECK(message_of({{"schema", "squat.eval/1"}}, "squat.compare/1")
            .find("f.json: schema: expected \"squat.compare/1\", found \"squat.eval/1\"") == 0);
  CHECK(message_of(json::object(), "squat.eval/1").find("found none") != std::string::npos);
  json compare = {{"schema", "squat.compare/1"}, {"results", {latency("a", 8, "8", 1.0, 4.0)}}};
  CHECK(message_of(compare, "squat.compare/1").empty());
  compare["results"][0]["rho"] = "half";
  CHECK(message_of(compare, "squat.compare/1").find("results[0].rho: expected a number or null, found string") !=
        std::string::npos);
  compare["results"][0]["rho"] = 0.5;
  compare["results"][0]["ms_per_token"] = "fast";
  CHECK(message_of(compare, "squat.compare/1").find("results[0].ms_per_token: expected a number, found string") !=
        std::string::npos);
  compare["results"] = {1};
  CHECK(message_of(compare, "squat.compare/1").find("results[0]: expected an object, found number") != std::string::npos);
  json profile = {{"schema", "squat.bench/1"}, {"roles", json::array()}, {"commands", {command("gemm", 0, 1, 0, 0, 1)}}};
  CHECK(message_of(profile, "squat.bench/1").empty());
  for (const json& bad : {json(-1), json(1e300), json(4294967296u), json("1"), json(nullptr)}) {
    profile["commands"][0]["first"] = bad;
    CHECK(message_of(profile, "squat.bench/1").find("commands[0].first: expected a number from 0 to 4294967295") !=
          std::string::npos);
  }
  json text = {{"schema", "squat.generate/1"}, {"tokens", {{{"text", "a"}, {"eight_bit_layers", nullptr}}}}};
  CHECK(message_of(text, "squat.generate/1").empty());
  CHECK(message_of({{"schema", "squat.analyze/1"}, {"rows", json::array()}}, "squat.analyze/1")
            .find("analysis: expected a text") != std::string::npos);
  text.erase("tokens");
  CHECK(message_of(text, "squat.generate/1").find("tokens: expected an array, found none") != std::string::npos);
}

TEST_CASE("a file that is too large, cut off or no JSON is refused") {
  const test::TemporaryDirectory directory;
  const auto file = (directory.path() / "x.json").string();
  for (const std::string content : {"", "{", "[]", "{\"schema\": \"squat.eval/1\"", "\xff\xfe", "null"}) {
    test::write_bytes(file, content);
    CHECK_THROWS_AS(report::read_result(file, "squat.eval/1"), Error);
  }
}

TEST_CASE("no text of a result is part of the page's markup") {
  const std::string hostile = "</script><script>alert(1)</script><!-- \xff\xe2\x80\xa8";
  report::Inputs inputs;
  inputs.evals.push_back({"squat eval " + hostile, {{"schema", "squat.eval/1"}, {"model", hostile}}});
  const std::string page = report::page_of(report::view_of(inputs));
  CHECK(page.find("alert(1)</script>") == std::string::npos);
  CHECK(page.find("<!-- ") == std::string::npos);
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = page.find(begin) + begin.size();
  const json view = json::parse(page.substr(at, page.find("</script>", at) - at));
  // The bytes come back, the one that is no UTF-8 as U+FFFD.
  CHECK(view["evals"][0]["model"] == "</script><script>alert(1)</script><!-- \xef\xbf\xbd\xe2\x80\xa8");
  CHECK(model::escape_markup("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST_CASE("the policy names each script by its hash") {
  const std::string page = report::page_of(json::object());
  int scripts = 0;
  for (const report::Asset& asset : report::assets()) {
    if (asset.name.size() < 3 || asset.name.compare(asset.name.size() - 3, 3, ".js") != 0) continue;
    ++scripts;
    CHECK(asset.bytes.find("</script") == std::string_view::npos);
    CHECK(page.find(asset.bytes) != std::string::npos);
  }
  CHECK(scripts == 7);
  std::size_t hashes = 0;
  for (std::size_t at = page.find("'sha256-"); at != std::string::npos && at < page.find("<style>");
       at = page.find("'sha256-", at + 1))
    ++hashes;
  CHECK(hashes == 7);
}
