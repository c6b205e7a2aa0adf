// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "qat/train/console.hpp"
#include "qat/train/stop_signals.hpp"
#include "qat/train/validate.hpp"
#include "tests/qat/train/toy_model.hpp"

namespace squat::qat {

TEST_CASE("the live line says what a person wants to know") {
  StepReport report;
  report.step = 20;
  report.loss = 4.5;
  report.ce = 4.0;
  report.kl = 0.25;
  report.rate = 2.5e-4;
  report.eight_bit_share = 0.5;
  report.tokens_per_second = 3300;
  report.seconds = 10;
  CHECK(progress_text(report, 0, 120) ==
        "step 20/120  loss 4.5000 (ce 4.0000 kl 0.25)  rate 0.00025  8-bit 50 %  3300 tokens/s  0:50 left");
  CHECK_THAT(progress_text(report, 10, 120), Catch::Contains("1:40 left"));
  CHECK(duration_text(3723.4) == "1:02:03");
}

TEST_CASE("rows have the same fields in both logs; what is unknown is null") {
  const auto json = to_json({});
  CHECK(json.begin().key() == "step");
  CHECK(json.at("perplexity").is_null());
}

TEST_CASE("a signal asks for the end and the next one is the system's") {
  {
    const StopSignals signals;
    CHECK_FALSE(signals.requested());
    std::raise(SIGINT);
    CHECK(signals.requested());
    CHECK(signals.signal() == SIGINT);
  }
  const StopSignals again;
  CHECK_FALSE(again.requested());
}

TEST_CASE("validation of an untrained model is uniform; too little text is an error") {
  const test::TemporaryDirectory dir;
  const TokenFile file(toy::write_tokens(dir.path()));
  toy::TableModel model;
  CHECK(validation_perplexity(model, file, {16, -1, 7}) == Approx(toy::kVocabulary));
  CHECK(model.calls == (5000 / 16 + 6) / 7);
  CHECK_THAT(test::input_error_of([&] { validation_perplexity(model, file, {6000, -1, 1}); }), Catch::Contains("6000"));
}

}  // namespace squat::qat
