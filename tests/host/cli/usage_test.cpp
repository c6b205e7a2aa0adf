// SPDX-License-Identifier: Apache-2.0
// Options that contradict each other, or that another one needs, end with 2 and say what to give or to leave out; nothing is
// computed or written for them.
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;

TEST_CASE("a model that is quantised already is not rounded again") {
  const TemporaryDirectory directory;
  const std::string model = quantized_tales().string(), text = (tales() / "calibration.txt").string(),
                    out = (directory.path() / "out").string();
  check_fails({"quantize", "--model", model, "--calib", text, "--out", out}, 2,
              "is quantised already; give the floating-point");
  if (has_trainer())
    check_fails({"qat", "--model", model, "--data", text, "--out", out}, 2, "is quantised already; give the floating-point");
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("text is generated for a prompt, or on a terminal") {
  const std::string model = quantized_tales().string();
  check_fails({"generate", "--model", model}, 2, "--prompt is required where standard input is no terminal");
  check_fails({"generate", "--model", model, "--format", "json"}, 2, "--prompt is required");
  check_fails({"generate", "--model", model, "--prompt", "x", "--stream", "--format", "csv"}, 2,
              "--stream shows text as it comes");
}

TEST_CASE("a report is of one model, or of a shape without text") {
  const TemporaryDirectory directory;
  const std::string model = (tales() / "fp32").string(), text = (tales() / "valid.txt").string(),
                    out = (directory.path() / "page.html").string();
  check_fails({"report", "--model", model, "--shape", "tiny", "--out", out}, 2, "give either --model DIR or --shape NAME");
  check_fails({"report", "--shape", "tiny", "--text", text, "--out", out}, 2, "--text and --calib are for a model");
  check_fails({"report", "--model", model, "--text", text, "--out", out}, 2, "give --calib FILE, text to quantise it with");
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("two accelerators are reached in two ways") {
  check_fails({"verify", "--model", quantized_tales().string(), "--device", "sim", "--against", "fpga", "--transport", "xrt"},
              2, "XRT reaches either the board or the emulation in one run");
}

TEST_CASE("the estimate has neither faults nor stalls nor a cache") {
  const std::vector<std::string> bench = {"bench", "--shape", "tiny", "--device", "estimate"};
  for (const auto& [name, value] :
       {std::pair<const char*, const char*>{"SQUAT_SIM_STALL_SEED", "5"}, {"SQUAT_SIM_FAULT_READ", "1"}}) {
    const Variable variable(name, value);
    check_fails(bench, 2, "--device estimate knows no random stalls and no faults");
  }
}

TEST_CASE("what compares with a teacher needs one") {
  if (!has_trainer()) return;
  const TemporaryDirectory directory;
  const std::vector<std::string> qat = {"qat",
                                        "--model",
                                        (tales() / "fp32").string(),
                                        "--data",
                                        (tales() / "calibration.txt").string(),
                                        "--out",
                                        (directory.path() / "out").string()};
  const auto refused = [&](const std::vector<std::string>& more, const std::string& message) {
    std::vector<std::string> all = qat;
    all.insert(all.end(), more.begin(), more.end());
    check_fails(all, 2, message);
  };
  refused({"--no-teacher", "--distribution-weight", "1"}, "leave out --no-teacher or give --distribution-weight 0");
  refused({"--no-teacher", "--teacher", (tales() / "fp32").string()}, "--teacher and --no-teacher exclude each other");
  CHECK(std::filesystem::is_empty(directory.path()));
}
