// SPDX-License-Identifier: Apache-2.0
// Every rule is broken once on purpose; a correct exchange breaks none.
#include "sim/axi_checker.hpp"

#include <functional>

#include "tests/catch.hpp"

using namespace squat::sim;

namespace {

/// Feeds cycles to a checker; each step starts from a port at rest.
struct Trial {
  SimulationLog log{false};
  AxiChecker checker{"m_axi_test", log};

  AxiRule cycle(const std::function<void(AxiPort&)>& set, bool in_reset = false) {
    AxiPort port;
    set(port);
    const unsigned before = checker.broken();
    checker.observe(port, in_reset);
    return checker.broken() == before ? AxiRule::kNone : checker.last_broken();
  }
};

void address(AxiAddress& a, bool ready, std::uint64_t addr = 0x1000, unsigned beats = 2) {
  a.valid = true;
  a.ready = ready;
  a.addr = addr;
  a.len = static_cast<std::uint8_t>(beats - 1);
}
void read(AxiPort& p, bool ready, bool last, std::uint8_t resp = kRespOkay) {
  p.r.valid = true;
  p.r.ready = ready;
  p.r.last = last;
  p.r.resp = resp;
}
void write(AxiPort& p, bool ready, bool last, std::uint32_t value = 0) {
  p.w.valid = true;
  p.w.ready = ready;
  p.w.last = last;
  p.w.data[0] = value;
}
void response(AxiPort& p, bool ready, std::uint8_t resp = kRespOkay) {
  p.b.valid = true;
  p.b.ready = ready;
  p.b.resp = resp;
}
void rest(AxiPort&) {}

}  // namespace

TEST_CASE("axi checker: a correct exchange breaks no rule") {
  Trial t;
  t.cycle([](AxiPort& p) { address(p.ar, false); });
  t.cycle([](AxiPort& p) { address(p.ar, true); });
  t.cycle([](AxiPort& p) { read(p, false, false); });
  t.cycle([](AxiPort& p) { read(p, true, false); });
  t.cycle([](AxiPort& p) { read(p, true, true); });
  t.cycle([](AxiPort& p) { address(p.aw, true), write(p, true, false); });
  t.cycle([](AxiPort& p) { write(p, false, true); });
  t.cycle([](AxiPort& p) { write(p, true, true); });
  t.cycle([](AxiPort& p) { response(p, false); });
  t.cycle([](AxiPort& p) { response(p, true); });
  t.checker.finish_run();
  CHECK(t.checker.broken() == 0);
}

TEST_CASE("axi checker: write data may come before their address") {
  Trial t;
  t.cycle([](AxiPort& p) { write(p, true, false); });
  t.cycle([](AxiPort& p) { write(p, true, true); });
  t.cycle([](AxiPort& p) { address(p.aw, true); });
  t.cycle([](AxiPort& p) { response(p, true); });
  CHECK(t.checker.broken() == 0);
  t.cycle([](AxiPort& p) { write(p, true, true); });
  CHECK(t.cycle([](AxiPort& p) { address(p.aw, true); }) == AxiRule::kWLast);
}

TEST_CASE("axi checker: address channels") {
  const bool is_write = GENERATE(false, true);
  const auto ch = [is_write](AxiPort& p) -> AxiAddress& { return is_write ? p.aw : p.ar; };
  const auto rule = [is_write](AxiRule r) {
    const unsigned shift = is_write ? static_cast<unsigned>(AxiRule::kAwValid) - static_cast<unsigned>(AxiRule::kArValid) : 0;
    return static_cast<AxiRule>(static_cast<unsigned>(r) + shift);
  };
  Trial t;
  t.cycle([&](AxiPort& p) { address(ch(p), false); });
  CHECK(t.cycle(rest) == rule(AxiRule::kArValid));
  t.cycle([&](AxiPort& p) { address(ch(p), false); });
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1010); }) == rule(AxiRule::kArPayload));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true), ch(p).burst = 2; }) == rule(AxiRule::kArBurst));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true), ch(p).size = 3; }) == rule(AxiRule::kArSize));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1008); }) == rule(AxiRule::kArAligned));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1ff0); }) == rule(AxiRule::kAr4K));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1fe0); }) == AxiRule::kNone);
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1000, 65); }) == rule(AxiRule::kArLength));
  CHECK(t.cycle([&](AxiPort& p) { address(ch(p), true, 0x1000, 64); }) == AxiRule::kNone);
}

TEST_CASE("axi checker: read data") {
  Trial t;
  CHECK(t.cycle([](AxiPort& p) { read(p, true, true); }) == AxiRule::kRUnasked);
  CHECK(t.cycle([](AxiPort& p) { address(p.ar, true), read(p, true, false); }) == AxiRule::kRUnasked);
  CHECK(t.cycle([](AxiPort& p) { read(p, true, true); }) == AxiRule::kRLast);
  CHECK(t.cycle([](AxiPort& p) { read(p, true, false); }) == AxiRule::kRLast);
  t.cycle([](AxiPort& p) { address(p.ar, true, 0x1000, 8); });
  t.cycle([](AxiPort& p) { read(p, false, false); });
  CHECK(t.cycle(rest) == AxiRule::kRValid);
  t.cycle([](AxiPort& p) { read(p, false, false); });
  CHECK(t.cycle([](AxiPort& p) { read(p, true, false), p.r.data[2] = 9; }) == AxiRule::kRPayload);
  CHECK(t.cycle([](AxiPort& p) { read(p, true, false, kRespExOkay); }) == AxiRule::kRResp);
  CHECK(t.cycle([](AxiPort& p) { read(p, true, false, kRespSlvErr); }) == AxiRule::kNone);
}

TEST_CASE("axi checker: write data and responses") {
  Trial t;
  CHECK(t.cycle([](AxiPort& p) { response(p, true); }) == AxiRule::kBUnasked);
  t.cycle([](AxiPort& p) { address(p.aw, true, 0x1000, 3); });
  t.cycle([](AxiPort& p) { write(p, false, false); });
  CHECK(t.cycle(rest) == AxiRule::kWValid);
  t.cycle([](AxiPort& p) { write(p, false, false, 1); });
  CHECK(t.cycle([](AxiPort& p) { write(p, true, false, 2); }) == AxiRule::kWPayload);
  CHECK(t.cycle([](AxiPort& p) { response(p, true); }) == AxiRule::kBUnasked);
  CHECK(t.cycle([](AxiPort& p) { write(p, true, true); }) == AxiRule::kWLast);
  CHECK(t.cycle([](AxiPort& p) { write(p, true, false); }) == AxiRule::kWLast);
  t.cycle([](AxiPort& p) { response(p, false); });
  CHECK(t.cycle(rest) == AxiRule::kBValid);
  t.cycle([](AxiPort& p) { response(p, false); });
  CHECK(t.cycle([](AxiPort& p) { response(p, true, kRespSlvErr); }) == AxiRule::kBPayload);
  t.cycle([](AxiPort& p) { address(p.aw, true, 0x1000, 1), write(p, true, true); });
  CHECK(t.cycle([](AxiPort& p) { response(p, true, kRespExOkay); }) == AxiRule::kBResp);
}

TEST_CASE("axi checker: reset and end of run") {
  Trial t;
  CHECK(t.cycle([](AxiPort& p) { p.ar.valid = true; }, true) == AxiRule::kReset);
  CHECK(t.cycle([](AxiPort& p) { p.w.valid = true; }, true) == AxiRule::kReset);
  CHECK(t.cycle(rest, true) == AxiRule::kNone);
  t.cycle([](AxiPort& p) { address(p.aw, true, 0x1000, 1), write(p, true, true); });
  t.checker.finish_run();
  CHECK(t.checker.last_broken() == AxiRule::kUnfinished);
  t.checker.reset();
  const unsigned before = t.checker.broken();
  t.checker.finish_run();
  CHECK(t.checker.broken() == before);
}

TEST_CASE("axi checker: the message names port, cycle, rule and what was seen") {
  Trial t;
  t.cycle([](AxiPort& p) { address(p.ar, true, 0x1ff0); });
  CHECK(t.log.first() ==
        "m_axi_test, cycle 1: AXI rule 6 broken (a read burst does not cross a 4 KiB boundary): "
        "0x1ff0, 2 beats, size 4, burst 1");
}
