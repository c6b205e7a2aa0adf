// SPDX-License-Identifier: Apache-2.0
// The command line's own parts: hash, output forms, what a pass needs, and that a comparison notices one unit of difference.
#include <sstream>

#include "host/cli/compare_devices.hpp"
#include "host/cli/output.hpp"
#include "host/cli/sha256.hpp"
#include "host/cli/token_printer.hpp"
#include "host/cli/version.hpp"
#include "host/cli/work.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"

using namespace squat;
using Json = nlohmann::ordered_json;

TEST_CASE("SHA-256 of little-endian integers") {
  cli::Sha256 hash;
  const std::int32_t abcd = 0x64636261;
  hash.add(&abcd, 1);
  CHECK(hash.finish() == "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589");  // printf abcd | sha256sum
  CHECK(cli::Sha256().finish() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("output forms") {
  const Json object = {{"schema", "squat.x/1"},
                       {"name", "a,b \"c\""},
                       {"nested", {{"x", 0.5}}},
                       {"rows", {{{"k", "one"}, {"v", 1.23456789}}, {{"k", "two|2"}, {"extra", true}}}}};
  const auto text = [&](cli::Format format) {
    std::ostringstream out;
    cli::print(out, object, format);
    return out.str();
  };
  CHECK(Json::parse(text(cli::Format::kJson)) == object);
  CHECK(text(cli::Format::kTable) ==
        "name      a,b \"c\"\nnested.x  0.5\n\nrows\nk      v       extra\none    1.2346  -\ntwo|2  -       yes\n");
  CHECK(
      text(cli::Format::kMarkdown) ==
      "| field | value |\n|---|---|\n| name | a,b \"c\" |\n| nested.x | 0.5 |\n\n### rows\n\n| k | v | extra |\n|---|---|---|\n"
      "| one | 1.2346 | - |\n| two\\|2 | - | yes |\n");
  CHECK(text(cli::Format::kCsv) == "k,v,extra\none,1.23456789,\ntwo|2,,yes\n");
  std::ostringstream fields;
  cli::print(fields, {{"name", "a,b \"c\""}}, cli::Format::kCsv);
  CHECK(fields.str() == "field,value\nname,\"a,b \"\"c\"\"\"\n");
}

TEST_CASE("a table wider than the terminal is shown row by row") {
  const Json object = {{"rows", {{{"k", "one"}, {"value", 1.5}}, {{"k", "two"}, {"extra", true}}}}};
  const auto text = [&](std::size_t columns) {
    std::ostringstream out;
    cli::print(out, object, cli::Format::kTable, columns);
    return out.str();
  };
  const std::string wide = "\nrows\nk    value  extra\none  1.5    -\ntwo  -      yes\n";
  CHECK(text(0) == wide);
  CHECK(text(17) == wide);
  CHECK(text(16) == "\nrows\nk      one\nvalue  1.5\n\nk      two\nextra  yes\n");
}

TEST_CASE("a long value is broken at spaces where the terminal ends") {
  const Json object = {{"name", "one two three four five six"}, {"word", "unbreakable_word_of_28_bytes"}};
  std::ostringstream out, narrow;
  cli::print(out, object, cli::Format::kTable, 26);
  CHECK(out.str() == "name  one two three four\n      five six\nword  unbreakable_word_of_28_bytes\n");
  cli::print(narrow, object, cli::Format::kTable, 10);  // too narrow for two columns: left to the terminal
  CHECK(narrow.str() == "name  one two three four five six\nword  unbreakable_word_of_28_bytes\n");
}

TEST_CASE("bytes that are no UTF-8 do not break JSON") {
  std::ostringstream out;
  cli::print(out, {{"text", "\xff\xc3"}}, cli::Format::kJson);
  CHECK(Json::parse(out.str())["text"] == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("work of LLaMA-58M") {
  const model::ModelConfig config = quantize::shape_config("llama-58m");
  model::IntegerModel m;  // shapes are enough
  m.config = config;
  m.weight_bits = 4;
  const auto matrix = [](int rows, int cols, int bits) { return model::IntMatrix{rows, cols, bits, 1.0, {}, {}}; };
  m.lm_head = matrix(16000, 512, 8);
  model::IntLayer layer;
  layer.q = layer.k = layer.v = layer.o = matrix(512, 512, 4);
  layer.gate = layer.up = matrix(1024, 512, 4);
  layer.down = matrix(512, 1024, 4);
  m.layers.assign(16, layer);

  SECTION("decoding one token at context 128 reads 20.97 + 8.19 + 2.10 MB") {
    const cli::Work work = cli::work_of_pass(m, 128, 1, std::vector<std::uint32_t>(16, 1));
    CHECK(work.bytes == 20971520.0 + 8192000.0 + 2097152.0);
    CHECK(work.macs8 == 41943040.0 + 8192000.0 + 16.0 * 2 * 512 * 129);
    CHECK(work.macs4 == 0.0);
  }
  SECTION("prefill counts causal attention products once") {
    const cli::Work work = cli::work_of_pass(m, 0, 128, std::vector<std::uint32_t>(16, 128));
    CHECK(work.macs8 == 128 * 41943040.0 + 8192000.0 + 16.0 * 2 * 512 * 128 * 129 / 2);
    CHECK(cli::ideal_mac_cycles({512.0, 1024.0, 0.0}, 256) == 2.0);
  }
  SECTION("4-bit tokens: layer 0 reads its input with 8 bits, the others with those of the layer before") {
    m.widths.activations = model::Activations::kMixed;
    const cli::Work work = cli::work_of_pass(m, 0, 128, std::vector<std::uint32_t>(16, 32));
    const double qkv = 3 * 512.0 * 512, rest = 512.0 * 512 + 3 * 512 * 1024;
    CHECK(work.macs4 == 96 * (15 * qkv + 16 * rest));
  }
}

namespace {

/// Computes nothing: token ids come back as tensors and logits, with one value changed when asked for.
class EchoDevice : public engine::Device {
 public:
  EchoDevice(const model::IntegerModel& m, int changed, bool taps) : m_(m), changed_(changed), taps_(taps) {}
  std::string name() const override { return "echo"; }
  const model::IntegerModel& model() const override { return m_; }
  void reset() override { position_ = 0; }
  int position() const override { return position_; }
  bool set_tap(engine::Tap tap) override {
    tap_ = std::move(tap);
    return taps_;
  }
  engine::CachedLayer cached(int) override { return {}; }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange) override {
    std::vector<std::int32_t> values(ids.begin(), ids.end());
    if (changed_ >= position_ && changed_ < position_ + static_cast<int>(ids.size())) {
      ++values[static_cast<std::size_t>(changed_ - position_)];
    }
    position_ += static_cast<int>(ids.size());
    if (tap_) tap_(0, "first", std::vector<std::int32_t>(ids.begin(), ids.end()));
    if (tap_) tap_(1, "second", values);
    engine::PassResult result;
    result.tokens = static_cast<int>(ids.size());
    result.logits = values;
    result.eight_tokens_per_layer = {1, 1};
    return result;
  }

 private:
  const model::IntegerModel& m_;
  int changed_;
  bool taps_;
  int position_ = 0;
  engine::Tap tap_;
};

}  // namespace

TEST_CASE("a comparison finds a change by one unit, wherever it is") {
  model::IntegerModel m;
  m.config.layers = 2;
  const std::vector<int> ids = {5, 6, 7, 8, 9, 10};
  for (const bool taps : {true, false}) {
    EchoDevice good(m, -1, taps), same(m, -1, true);
    const cli::Comparison equal = cli::compare_devices(good, same, ids, 4, 3, [](int, int) {});
    CHECK_FALSE(equal.difference);
    CHECK(equal.tensors == taps);
    CHECK(equal.passes == 4);  // 3 + 1 prompt tokens, then two single ones
    for (int changed = 0; changed < 6; ++changed) {
      EchoDevice bad(m, changed, true);
      const cli::Comparison found = cli::compare_devices(good, bad, ids, 4, 3, [](int, int) {});
      REQUIRE(found.difference);
      CHECK(found.difference->pass == (changed < 3 ? 0 : changed - 2));
      CHECK(found.difference->layer == (taps ? 1 : 2));
      CHECK(found.difference->tensor == (taps ? "second" : "logits"));
      CHECK(found.difference->index == static_cast<std::size_t>(changed < 3 ? changed : 0));
      CHECK(found.difference->b == found.difference->a + 1);
    }
  }
}

TEST_CASE("tokens cannot drive the terminal") {
  CHECK(cli::harmless("a\033[31mb\tc\nd\x7f\r") == "a\xef\xbf\xbd[31mb\tc\nd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(cli::harmless("\xc2\x9b"
                      "1m\xc2\xa0\xc3\x9b") ==
        "\xef\xbf\xbd"
        "1m\xc2\xa0\xc3\x9b");  // U+009B is a control, U+00A0 and U+00DB are none
}

TEST_CASE("a command line is quoted for a shell") {
  CHECK(cli::shell_line("squat", {"eval", "--text", "a b", "it's", "", "x=1,2", "$(rm)", "-"}) ==
        "squat eval --text 'a b' 'it'\\''s' '' x=1,2 '$(rm)' -");
}
