// SPDX-License-Identifier: Apache-2.0
#include "sim/axi_checker.hpp"

#include <cinttypes>
#include <cstdio>

namespace squat::sim {
namespace {

AxiRule after(AxiRule first, unsigned n) { return static_cast<AxiRule>(static_cast<unsigned>(first) + n); }

std::string show(const AxiAddress& a) {
  char text[80];
  std::snprintf(text, sizeof text, "0x%" PRIx64 ", %u beats, size %u, burst %u", a.addr, a.beats(), a.size, a.burst);
  return text;
}

}  // namespace

void AxiChecker::report(AxiRule rule, const std::string& seen) {
  last_ = rule;
  ++broken_;
  const auto number = static_cast<unsigned>(rule);
  log_->error(port_ + ", cycle " + std::to_string(cycle_) + ": AXI rule " + std::to_string(number) + " broken (" +
              kAxiRuleText[number] + "): " + seen);
}

void AxiChecker::observe(const AxiPort& now, bool in_reset) {
  ++cycle_;
  const bool master = now.ar.valid || now.aw.valid || now.w.valid;
  if (in_reset) {
    if (master) report(AxiRule::kReset, now.ar.valid ? "ARVALID" : now.aw.valid ? "AWVALID" : "WVALID");
    return;
  }
  // Most ports rest in most cycles: nothing is held and nothing is offered.
  if (now.ar.valid || now.r.valid || held_ar_.valid || held_r_.valid) check_read(now);
  if (now.aw.valid || now.w.valid || now.b.valid || held_aw_.valid || held_w_.valid || held_b_.valid) check_write(now);
}

/// The seven rules of an address channel follow each other in AxiRule, from `first` on.
void AxiChecker::check_address(const AxiAddress& a, AxiAddress& held, AxiRule first, unsigned bytes) {
  if (held.valid && !a.valid) report(first, "withdrawn: " + show(held));
  if (a.valid) {
    if (held.valid) {
      if (!a.same_payload(held)) report(after(first, 1), show(held) + " became " + show(a));
    } else {
      const std::uint64_t last = a.addr + std::uint64_t{a.beats()} * bytes - 1;
      if (a.burst != kBurstIncr) report(after(first, 2), show(a));
      if (1U << a.size != bytes) report(after(first, 3), show(a));
      if (a.addr % bytes != 0) report(after(first, 4), show(a));
      if (a.addr / 4096 != last / 4096) report(after(first, 5), show(a));
      if (a.beats() > kMaxBeats) report(after(first, 6), show(a));
    }
  }
  held.valid = a.valid && !a.ready;
  if (held.valid) held = a;
}

void AxiChecker::check_read(const AxiPort& now) {
  check_address(now.ar, held_ar_, AxiRule::kArValid, read_bytes_);
  const AxiReadData& r = now.r;
  if (held_r_.valid && !r.valid) report(AxiRule::kRValid, "withdrawn");
  if (r.valid) {
    if (held_r_.valid && !r.same_payload(held_r_)) report(AxiRule::kRPayload, "changed");
    if (!held_r_.valid) {
      if (reads_.empty()) report(AxiRule::kRUnasked, "no read burst is open");
      if (!reads_.empty() && r.last != (reads_.front() == 1))
        report(AxiRule::kRLast, std::to_string(reads_.front()) + " beats left, RLAST " + (r.last ? "1" : "0"));
      if (r.resp == kRespExOkay) report(AxiRule::kRResp, "EXOKAY");
    }
    if (r.ready && !reads_.empty() && --reads_.front() == 0) reads_.pop_front();
  }
  held_r_.valid = r.valid && !r.ready;
  if (held_r_.valid) held_r_ = r;
  // Entered after the data: a beat in the cycle of the request would have come without one.
  if (now.ar.accepted()) reads_.push_back(now.ar.beats());
}

void AxiChecker::check_write(const AxiPort& now) {
  check_address(now.aw, held_aw_, AxiRule::kAwValid, kBeatBytes);
  const AxiWriteData& w = now.w;
  const AxiWriteResponse& b = now.b;
  if (held_b_.valid && !b.valid) report(AxiRule::kBValid, "withdrawn");
  if (b.valid) {
    if (held_b_.valid && b.resp != held_b_.resp) report(AxiRule::kBPayload, "changed");
    if (!held_b_.valid) {
      if (unanswered_ == 0) report(AxiRule::kBUnasked, "no complete write burst waits");
      if (b.resp == kRespExOkay) report(AxiRule::kBResp, "EXOKAY");
    }
    if (b.ready && unanswered_ != 0) --unanswered_;
  }
  held_b_ = b;
  held_b_.valid = b.valid && !b.ready;

  if (now.aw.accepted()) {
    writes_.push_back(now.aw.beats());
    match_write_data();
  }
  if (held_w_.valid && !w.valid) report(AxiRule::kWValid, "withdrawn");
  if (w.valid && held_w_.valid && !w.same_payload(held_w_)) report(AxiRule::kWPayload, "changed");
  held_w_.valid = w.valid && !w.ready;
  if (held_w_.valid) held_w_ = w;
  if (!w.accepted()) return;
  ++w_beats_;
  if (!writes_.empty() && w_beats_ == writes_.front()) {
    if (!w.last) report(AxiRule::kWLast, "missing in beat " + std::to_string(w_beats_));
    writes_.pop_front();
    w_beats_ = 0;
    ++unanswered_;
  } else if (w.last) {
    // Without an address yet, the length is judged when it comes.
    if (!writes_.empty())
      report(AxiRule::kWLast, "in beat " + std::to_string(w_beats_) + " of " + std::to_string(writes_.front()));
    else
      early_bursts_.push_back(w_beats_);
    if (writes_.empty()) w_beats_ = 0;
  }
}

void AxiChecker::match_write_data() {
  while (!early_bursts_.empty() && !writes_.empty()) {
    if (early_bursts_.front() != writes_.front())
      report(AxiRule::kWLast,
             "after " + std::to_string(early_bursts_.front()) + " beats of " + std::to_string(writes_.front()));
    early_bursts_.pop_front();
    writes_.pop_front();
    ++unanswered_;
  }
  if (!writes_.empty() && w_beats_ >= writes_.front()) {
    report(AxiRule::kWLast, "missing: " + std::to_string(w_beats_) + " beats came for " + std::to_string(writes_.front()));
    writes_.pop_front();
    w_beats_ = 0;
    ++unanswered_;
  }
}

void AxiChecker::finish_run() {
  std::string open;
  if (!reads_.empty() || held_ar_.valid) open += std::to_string(reads_.size()) + " read bursts ";
  const auto writes = writes_.size() + early_bursts_.size() + unanswered_ + (held_aw_.valid ? 1U : 0U);
  if (writes != 0 || w_beats_ != 0 || held_w_.valid) open += std::to_string(writes) + " write bursts ";
  if (!open.empty()) report(AxiRule::kUnfinished, open + "open");
}

void AxiChecker::reset() {
  held_ar_.valid = held_aw_.valid = held_r_.valid = held_w_.valid = held_b_.valid = false;
  reads_.clear();
  writes_.clear();
  early_bursts_.clear();
  w_beats_ = unanswered_ = 0;
}

}  // namespace squat::sim
