// SPDX-License-Identifier: Apache-2.0
// Every rule is broken once on purpose; a correct exchange breaks none.
#include "sim/axi_checker.hpp"

#include <functional>
#include <set>
#include <vector>

#include "tests/catch.hpp"

using namespace squat::sim;

namespace {

/// Feeds cycles to a checker; each step starts from a port at rest.
struct Trial {
  explicit Trial(unsigned read_bytes = kBeatBytes) : checker("m_axi_test", log, read_bytes) {}
  SimulationLog log{false};
  AxiChecker checker;

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

TEST_CASE("axi checker: a read port of 64 bytes, writes of 16") {
  const auto ask = [](std::uint64_t addr, unsigned beats, std::uint8_t size = 6) {
    return [=](AxiPort& p) { address(p.ar, true, addr, beats), p.ar.size = size; };
  };
  Trial t(64);
  CHECK(t.cycle(ask(0x1000, 64)) == AxiRule::kNone);
  CHECK(t.cycle(ask(0x1fc0, 1)) == AxiRule::kNone);
  CHECK(t.cycle(ask(0x1f80, 2)) == AxiRule::kNone);
  CHECK(t.cycle(ask(0x1000, 2, 4)) == AxiRule::kArSize);
  CHECK(t.cycle(ask(0x1000, 2, 5)) == AxiRule::kArSize);
  CHECK(t.cycle(ask(0x1010, 2)) == AxiRule::kArAligned);
  CHECK(t.cycle(ask(0x1020, 2)) == AxiRule::kArAligned);
  CHECK(t.cycle(ask(0x1fc0, 2)) == AxiRule::kAr4K);
  CHECK(t.cycle(ask(0x1040, 64)) == AxiRule::kAr4K);
  CHECK(t.cycle([](AxiPort& p) { address(p.aw, true, 0x1010, 2); }) == AxiRule::kNone);
  CHECK(t.cycle([](AxiPort& p) { address(p.aw, true, 0x1000, 2), p.aw.size = 6; }) == AxiRule::kAwSize);
  Trial narrow;
  CHECK(narrow.cycle(ask(0x1000, 2)) == AxiRule::kArSize);
  // Every lane of the beat is held while it waits.
  for (unsigned lane = 0; lane < 16; ++lane) {
    Trial held(64);
    held.cycle(ask(0x1000, 2));
    held.cycle([](AxiPort& p) { read(p, false, false); });
    CHECK(held.cycle([lane](AxiPort& p) { read(p, true, false), p.r.data[lane] = 9; }) == AxiRule::kRPayload);
  }
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

namespace {

/// A master or slave that is correct but for one thing.
struct BrokenDriver {
  AxiRule rule;
  const char* what;
  std::vector<std::function<void(AxiPort&)>> cycles;
  bool in_reset = false, ends_run = false;
};

std::vector<BrokenDriver> broken_address_drivers(bool is_write) {
  const auto ch = [is_write](AxiPort& p) -> AxiAddress& { return is_write ? p.aw : p.ar; };
  const auto rule = [is_write](unsigned n) {
    return static_cast<AxiRule>(static_cast<unsigned>(is_write ? AxiRule::kAwValid : AxiRule::kArValid) + n);
  };
  const auto waits = [ch](AxiPort& p) { address(ch(p), false); };
  const auto then = [ch](const std::function<void(AxiAddress&)>& change) {
    return [ch, change](AxiPort& p) {
      address(ch(p), true);
      change(ch(p));
    };
  };
  return {
      {rule(0), "withdrawn", {waits, rest}},
      {rule(1), "another address", {waits, then([](AxiAddress& a) { a.addr += 16; })}},
      {rule(1), "another length", {waits, then([](AxiAddress& a) { ++a.len; })}},
      {rule(1), "another size", {waits, then([](AxiAddress& a) { a.size = 3; })}},
      {rule(1), "another burst type", {waits, then([](AxiAddress& a) { a.burst = 0; })}},
      {rule(2), "FIXED", {then([](AxiAddress& a) { a.burst = 0; })}},
      {rule(2), "WRAP", {then([](AxiAddress& a) { a.burst = 2; })}},
      {rule(3), "narrow", {then([](AxiAddress& a) { a.size = 2; })}},
      {rule(4), "between beats", {then([](AxiAddress& a) { a.addr = 0x1001; })}},
      {rule(5), "over the end of a page", {then([](AxiAddress& a) { a.addr = 0x2ff0; })}},
      {rule(6), "65 beats", {then([](AxiAddress& a) { a.len = 64; })}},
  };
}

std::vector<BrokenDriver> broken_data_drivers() {
  const auto asks = [](unsigned beats) { return [beats](AxiPort& p) { address(p.ar, true, 0x1000, beats); }; };
  const auto sends = [](unsigned beats) { return [beats](AxiPort& p) { address(p.aw, true, 0x1000, beats); }; };
  const auto reads = [](bool ready, bool last) { return [=](AxiPort& p) { read(p, ready, last); }; };
  const auto writes = [](bool ready, bool last) { return [=](AxiPort& p) { write(p, ready, last); }; };
  const auto answers = [](bool ready) { return [=](AxiPort& p) { response(p, ready); }; };
  return {
      {AxiRule::kRValid, "withdrawn", {asks(2), reads(false, false), rest}},
      {AxiRule::kRPayload,
       "other data",
       {asks(2), reads(false, false), [](AxiPort& p) { read(p, true, false), p.r.data[3] = 1; }}},
      {AxiRule::kRPayload, "other RLAST", {asks(2), reads(false, false), reads(true, true)}},
      {AxiRule::kRPayload,
       "other RRESP",
       {asks(2), reads(false, false), [](AxiPort& p) { read(p, true, false, kRespDecErr); }}},
      {AxiRule::kRLast, "too early", {asks(2), reads(true, true)}},
      {AxiRule::kRLast, "missing", {asks(2), reads(true, false), reads(true, false)}},
      {AxiRule::kRUnasked, "before any request", {reads(true, true)}},
      {AxiRule::kRUnasked, "a beat too many", {asks(1), reads(true, true), reads(true, true)}},
      {AxiRule::kRResp, "EXOKAY", {asks(1), [](AxiPort& p) { read(p, true, true, kRespExOkay); }}},
      {AxiRule::kWValid, "withdrawn", {sends(2), writes(false, false), rest}},
      {AxiRule::kWPayload, "other data", {sends(2), writes(false, false), [](AxiPort& p) { write(p, true, false, 1); }}},
      {AxiRule::kWPayload,
       "other WSTRB",
       {sends(2), writes(false, false), [](AxiPort& p) { write(p, true, false), p.w.strb = 1; }}},
      {AxiRule::kWPayload, "other WLAST", {sends(1), writes(false, false), writes(true, true)}},
      {AxiRule::kWLast, "too early", {sends(2), writes(true, true)}},
      {AxiRule::kWLast, "missing", {sends(2), writes(true, false), writes(true, false)}},
      {AxiRule::kWLast, "too early, before the address", {writes(true, true), sends(2)}},
      {AxiRule::kWLast, "missing, before the address", {writes(true, false), writes(true, false), sends(2)}},
      {AxiRule::kBValid, "withdrawn", {sends(1), writes(true, true), answers(false), rest}},
      {AxiRule::kBPayload,
       "other BRESP",
       {sends(1), writes(true, true), answers(false), [](AxiPort& p) { response(p, true, kRespSlvErr); }}},
      {AxiRule::kBUnasked, "before the data", {sends(1), answers(true)}},
      {AxiRule::kBUnasked, "before the last beat", {sends(2), writes(true, false), answers(true)}},
      {AxiRule::kBUnasked, "before the address", {writes(true, true), answers(true)}},
      {AxiRule::kBUnasked, "twice", {sends(1), writes(true, true), answers(true), answers(true)}},
      {AxiRule::kBResp, "EXOKAY", {sends(1), writes(true, true), [](AxiPort& p) { response(p, true, kRespExOkay); }}},
      {AxiRule::kReset, "ARVALID", {[](AxiPort& p) { p.ar.valid = true; }}, true},
      {AxiRule::kReset, "AWVALID", {[](AxiPort& p) { p.aw.valid = true; }}, true},
      {AxiRule::kReset, "WVALID", {[](AxiPort& p) { p.w.valid = true; }}, true},
      {AxiRule::kUnfinished, "a read without data", {asks(1)}, false, true},
      {AxiRule::kUnfinished, "a waiting read address", {[](AxiPort& p) { address(p.ar, false); }}, false, true},
      {AxiRule::kUnfinished, "a waiting write address", {[](AxiPort& p) { address(p.aw, false); }}, false, true},
      {AxiRule::kUnfinished, "a write without data", {sends(1)}, false, true},
      {AxiRule::kUnfinished, "data without an address", {writes(true, true)}, false, true},
      {AxiRule::kUnfinished, "half a burst without an address", {writes(true, false)}, false, true},
      {AxiRule::kUnfinished, "a write without response", {sends(1), writes(true, true)}, false, true},
  };
}

}  // namespace

TEST_CASE("axi checker: every rule has drivers that break it and no other") {
  std::set<AxiRule> seen;
  for (const auto& drivers : {broken_address_drivers(false), broken_address_drivers(true), broken_data_drivers()}) {
    for (const BrokenDriver& d : drivers) {
      INFO("rule " << static_cast<unsigned>(d.rule) << ", " << d.what);
      Trial t;
      for (const auto& set : d.cycles) t.cycle(set, d.in_reset);
      CHECK(t.checker.broken() == (d.ends_run ? 0 : 1));
      if (d.ends_run) t.checker.finish_run();
      CHECK(t.checker.broken() == 1);
      CHECK(t.checker.last_broken() == d.rule);
      seen.insert(d.rule);
    }
  }
  for (unsigned rule = 1; rule < static_cast<unsigned>(AxiRule::kCount); ++rule) {
    INFO("rule " << rule << ": " << kAxiRuleText[rule]);
    CHECK(seen.count(static_cast<AxiRule>(rule)) == 1);
  }
}
