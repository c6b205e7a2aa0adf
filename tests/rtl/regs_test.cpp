// SPDX-License-Identifier: Apache-2.0
// Register suite: reset values, access kinds, byte strobes, unmapped addresses, ap_ctrl_hs, interrupt, argument snapshot.
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "Vsquat_axil_regs.h"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"

namespace {
using namespace squat;

struct Regs {
  Vsquat_axil_regs dut;
  std::mt19937 random{1};
  unsigned starts = 0;

  Regs() {
    dut.s_awvalid_i = dut.s_wvalid_i = dut.s_arvalid_i = dut.s_bready_i = dut.s_rready_i = dut.done_i = 0;
    dut.rst_ni = 0;
    for (int i = 0; i < 4; ++i) clock();
    dut.rst_ni = 1;
    starts = 0;  // before the reset anything may happen
    clock();
  }
  void settle() { dut.clk_i = 0, dut.eval(); }
  void clock() {
    settle();
    starts += dut.start_o;
    dut.clk_i = 1;
    dut.eval();
  }
  void done() {
    dut.done_i = 1;
    clock();
    dut.done_i = 0;
  }

  /// Address and data in random order with random gaps, like a real interconnect.
  std::uint8_t write(std::uint32_t addr, std::uint32_t data, std::uint8_t strb = 15) {
    unsigned aw_in = random() % 4, w_in = random() % 4;
    bool aw = false, w = false;
    dut.s_bready_i = 0;
    for (int cycle = 0; cycle < 50; ++cycle) {
      dut.s_awvalid_i = !aw && aw_in == 0;
      dut.s_awaddr_i = addr & 0xfff;
      dut.s_wvalid_i = !w && w_in == 0;
      dut.s_wdata_i = data;
      dut.s_wstrb_i = strb;
      dut.s_bready_i = aw && w && random() % 2;
      settle();
      const bool aw_ok = dut.s_awvalid_i && dut.s_awready_o, w_ok = dut.s_wvalid_i && dut.s_wready_o;
      const bool b_ok = dut.s_bvalid_o && dut.s_bready_i;
      const std::uint8_t resp = dut.s_bresp_o;
      clock();
      aw |= aw_ok, w |= w_ok;
      aw_in -= aw_in > 0, w_in -= w_in > 0;
      if (b_ok) {
        dut.s_bready_i = 0;
        return resp;
      }
    }
    FAIL("no write response");
    return 0xff;
  }
  std::pair<std::uint32_t, std::uint8_t> read(std::uint32_t addr) {
    bool ar = false;
    for (int cycle = 0; cycle < 50; ++cycle) {
      dut.s_arvalid_i = !ar;
      dut.s_araddr_i = addr & 0xfff;
      dut.s_rready_i = ar && random() % 2;
      settle();
      const bool ar_ok = dut.s_arvalid_i && dut.s_arready_o, r_ok = dut.s_rvalid_o && dut.s_rready_i;
      const std::pair<std::uint32_t, std::uint8_t> answer{dut.s_rdata_o, dut.s_rresp_o};
      clock();
      ar |= ar_ok;
      if (r_ok) {
        dut.s_rready_i = 0;
        return answer;
      }
    }
    FAIL("no read response");
    return {};
  }
  std::uint32_t value(std::uint32_t addr) {
    const auto [data, resp] = read(addr);
    REQUIRE(resp == 0);
    return data;
  }
};

constexpr std::uint32_t kArgs64[] = {spec::kRegCmdAddr,  spec::kRegWeights0, spec::kRegWeights1, spec::kRegWeights2,
                                     spec::kRegWeights3, spec::kRegKv,       spec::kRegIo};
constexpr std::uint32_t kArgs32[] = {spec::kRegCmdCount, spec::kRegProfile, spec::kRegWeightsUnits,
                                     spec::kRegKvUnits,  spec::kRegIoUnits, spec::kRegWatchdog};
constexpr std::uint32_t kCounters[] = {spec::kRegCycles,      spec::kRegMacSteps,    spec::kRegReadBeats,
                                       spec::kRegWriteBeats,  spec::kRegWeightStall, spec::kRegDrainStall,
                                       spec::kRegEightTokens, spec::kRegFourTokens};

std::vector<std::uint32_t> arguments() {
  std::vector<std::uint32_t> words(std::begin(kArgs32), std::end(kArgs32));
  for (const std::uint32_t a : kArgs64) words.insert(words.end(), {a, a + 4});
  return words;
}

std::vector<std::uint32_t> read_only() {
  std::vector<std::uint32_t> words = {spec::kRegId,        spec::kRegSpecHash,   spec::kRegSpecHash + 4, spec::kRegCaps,
                                      spec::kRegCapsAsram, spec::kRegCapsVsram,  spec::kRegCapsRing,     spec::kRegCapsBias,
                                      spec::kRegStatus,    spec::kRegErrorIndex, spec::kRegCommandsDone};
  for (const std::uint32_t a : kCounters) words.insert(words.end(), {a, a + 4});
  return words;
}
}  // namespace

TEST_CASE("registers have their reset values and identity") {
  Regs r;
  REQUIRE(r.value(spec::kRegApCtrl) == 4);  // idle
  for (const std::uint32_t a : {spec::kRegGie, spec::kRegIer, spec::kRegIsr}) REQUIRE(r.value(a) == 0);
  for (const std::uint32_t a : arguments()) REQUIRE(r.value(a) == 0);
  REQUIRE(r.value(spec::kRegId) == spec::kId);
  REQUIRE(r.value(spec::kRegSpecHash) == static_cast<std::uint32_t>(spec::kSpecHash));
  REQUIRE(r.value(spec::kRegSpecHash + 4) == static_cast<std::uint32_t>(spec::kSpecHash >> 32));
  REQUIRE(r.value(spec::kRegCaps) == (16U | 16U << 8 | 4U << 16 | 4U << 20));
  REQUIRE(r.value(spec::kRegCapsAsram) == spec::kSimAsramDepth);
  REQUIRE(r.value(spec::kRegCapsVsram) == spec::kSimVsramDepth);
  REQUIRE(r.value(spec::kRegCapsRing) == spec::kSimRingDepth);
  REQUIRE(r.value(spec::kRegCapsBias) == spec::kSimBiasDepth);
}

TEST_CASE("arguments keep what is written, byte by byte") {
  Regs r;
  std::mt19937 random(7);
  const std::vector<std::uint32_t> words = arguments();
  std::vector<std::uint32_t> expected(words.size());
  for (int i = 0; i < 400; ++i) {
    const std::size_t w = random() % words.size();
    const auto data = static_cast<std::uint32_t>(random());
    const std::uint8_t strb = i < 40 ? 15 : random() & 15;
    REQUIRE(r.write(words[w], data, strb) == 0);
    for (unsigned b = 0; b < 4; ++b) {
      if (strb >> b & 1) expected[w] = (expected[w] & ~(0xffU << 8 * b)) | (data & 0xffU << 8 * b);
    }
    const std::size_t check = random() % words.size();
    REQUIRE(r.value(words[check]) == expected[check]);
  }
  for (std::size_t w = 0; w < words.size(); ++w) REQUIRE(r.value(words[w]) == expected[w]);
}

TEST_CASE("read-only registers show their inputs and ignore writes") {
  Regs r;
  r.dut.status_i = 0x11112222, r.dut.error_index_i = 0x33334444, r.dut.commands_done_i = 77;
  for (unsigned i = 0; i < 16; ++i) r.dut.counters_i[i] = 0xa0000000 + i;
  for (const std::uint32_t a : read_only()) {
    const std::uint32_t before = r.value(a);
    REQUIRE(r.write(a, ~before) == 0);
    REQUIRE(r.value(a) == before);
  }
  REQUIRE(r.value(spec::kRegStatus) == 0x11112222);
  REQUIRE(r.value(spec::kRegErrorIndex) == 0x33334444);
  REQUIRE(r.value(spec::kRegCommandsDone) == 77);
  for (unsigned i = 0; i < 8; ++i) {
    REQUIRE(r.value(kCounters[i]) == 0xa0000000 + 2 * i);
    REQUIRE(r.value(kCounters[i] + 4) == 0xa0000001 + 2 * i);
  }
}

TEST_CASE("unmapped addresses answer SLVERR and change nothing") {
  Regs r;
  std::vector<bool> mapped(1024);
  for (const std::uint32_t a : arguments()) mapped[a / 4] = true;
  for (const std::uint32_t a : read_only()) mapped[a / 4] = true;
  for (const std::uint32_t a : {spec::kRegApCtrl, spec::kRegGie, spec::kRegIer, spec::kRegIsr}) mapped[a / 4] = true;
  for (std::uint32_t a = 0; a < 4096; a += 4) {
    const auto [data, resp] = r.read(a);
    REQUIRE((resp == 0) == mapped[a / 4]);
    if (mapped[a / 4]) continue;
    REQUIRE(resp == 2);
    REQUIRE(data == 0);
    REQUIRE(r.write(a, 0xffffffff) == 2);
  }
  for (const std::uint32_t a : arguments()) REQUIRE(r.value(a) == 0);
  REQUIRE(r.starts == 0);
}

TEST_CASE("ap_ctrl starts once, reports done once") {
  Regs r;
  REQUIRE(r.write(spec::kRegApCtrl, 0) == 0);
  REQUIRE(r.write(spec::kRegApCtrl, 1, 0b1110) == 0);  // byte 0 not strobed
  REQUIRE(r.starts == 0);
  for (int run = 0; run < 3; ++run) {
    r.starts = 0;
    r.write(spec::kRegApCtrl, 1);
    REQUIRE(r.value(spec::kRegApCtrl) == 1);  // start until done, not idle
    r.write(spec::kRegApCtrl, 1);             // ignored while busy
    REQUIRE(r.starts == 1);
    r.done();
    REQUIRE(r.value(spec::kRegApCtrl) == 0b1110);
    REQUIRE(r.value(spec::kRegApCtrl) == 0b0100);  // cleared by the read
  }
  r.done();  // without a run
  REQUIRE(r.value(spec::kRegApCtrl) == 0b0100);
}

TEST_CASE("done in the cycle of a status read is not lost") {
  Regs r;
  r.write(spec::kRegApCtrl, 1);
  r.dut.s_arvalid_i = 1;
  r.dut.s_araddr_i = spec::kRegApCtrl;
  r.dut.s_rready_i = 1;
  r.done();
  r.dut.s_arvalid_i = 0;
  r.settle();
  REQUIRE(r.dut.s_rdata_o == 1);
  r.clock();
  REQUIRE(r.value(spec::kRegApCtrl) == 0b1110);
}

TEST_CASE("the interrupt follows gie, ier and isr") {
  Regs r;
  const auto run = [&] {
    r.write(spec::kRegApCtrl, 1);
    r.done();
    r.clock();
    r.clock();
  };
  run();
  REQUIRE(r.value(spec::kRegIsr) == 0);
  r.write(spec::kRegIer, 0xffffffff);
  REQUIRE(r.value(spec::kRegIer) == 1);
  run();
  REQUIRE(r.value(spec::kRegIsr) == 1);
  REQUIRE(r.dut.interrupt_o == 0);
  r.write(spec::kRegGie, 1);
  r.clock();
  REQUIRE(r.dut.interrupt_o == 1);
  r.write(spec::kRegIsr, 1);
  r.clock();
  REQUIRE(r.dut.interrupt_o == 0);
  REQUIRE(r.value(spec::kRegIsr) == 0);
  r.write(spec::kRegIsr, 1);  // toggles
  REQUIRE(r.value(spec::kRegIsr) == 1);
}

TEST_CASE("a run keeps the arguments it was started with") {
  Regs r;
  for (const std::uint32_t a : arguments()) r.write(a, 0x1000 + a);
  r.write(spec::kRegApCtrl, 1);
  for (const std::uint32_t a : arguments()) r.write(a, 0x2000 + a);
  r.settle();
  const auto pair = [](std::uint32_t base, std::uint32_t a) { return (std::uint64_t{base + a + 4} << 32) | (base + a); };
  REQUIRE(r.dut.cmd_addr_o == pair(0x1000, spec::kRegCmdAddr));
  REQUIRE(r.dut.kv_base_o == pair(0x1000, spec::kRegKv));
  REQUIRE(r.dut.io_base_o == pair(0x1000, spec::kRegIo));
  for (unsigned w = 0; w < 8; ++w) REQUIRE(r.dut.w_base_o[w] == 0x1000 + spec::kRegWeights0 + 4 * w);
  REQUIRE(r.dut.cmd_count_o == 0x1000 + spec::kRegCmdCount);
  REQUIRE(r.dut.profile_o == 0x1000 + spec::kRegProfile);
  REQUIRE(r.dut.weights_units_o == 0x1000 + spec::kRegWeightsUnits);
  REQUIRE(r.dut.kv_units_o == 0x1000 + spec::kRegKvUnits);
  REQUIRE(r.dut.io_units_o == 0x1000 + spec::kRegIoUnits);
  REQUIRE(r.dut.watchdog_o == 0x1000 + spec::kRegWatchdog);
  r.done();
  r.write(spec::kRegApCtrl, 1);
  REQUIRE(r.dut.io_units_o == 0x2000 + spec::kRegIoUnits);
}
