// SPDX-License-Identifier: Apache-2.0
#include "sim/ddr_ports.hpp"

#include <algorithm>

namespace squat::sim {
namespace {

constexpr std::uint32_t kNoData = 0xeeeeeeeeU;  ///< what a failed read carries: easy to recognise in a waveform

}  // namespace

void DdrReadPort::drive(AxiPort& port, bool rest_ar, bool rest_r) {
  port.ar.ready = !bursts_.full() && !rest_ar;
  shown_ = !beats_.empty() && (shown_ || !rest_r);
  port.r.valid = shown_;
  if (!shown_) return;
  const Item& item = beats_.front();
  port.r.data = item.data;
  port.r.resp = item.resp;
  port.r.last = item.last;
}

unsigned DdrReadPort::fetch(DeviceMemory& memory, unsigned most) {
  DdrBurst& burst = bursts_.front();
  const unsigned count = std::min(most, burst.words - burst.moved);
  if (burst.moved == 0) {
    part_.resp = burst.resp;
    part_.last = burst.left == 1;
  }
  for (unsigned i = 0; i < count; ++i, burst.addr += kBeatBytes) {
    Beat word{kNoData, kNoData, kNoData, kNoData};
    if (part_.resp == kRespOkay) part_.resp = memory.read(burst.addr, word);
    std::copy(word.begin(), word.end(), part_.data.begin() + word.size() * (burst.moved + i));
  }
  burst.moved += count;
  if (burst.moved < burst.words) return count;
  beats_.push(part_);
  burst.moved = 0;
  if (--burst.left == 0) bursts_.pop();
  return count;
}

void DdrReadPort::reset() {
  bursts_.clear();
  beats_.clear();
  shown_ = false;
}

void DdrWritePort::drive(AxiPort& port, bool rest_aw, bool rest_w, bool rest_b) {
  port.aw.ready = !bursts_.full() && !rest_aw;
  // Responses are never lost: a burst may only complete while there is room for its response.
  port.w.ready = !bursts_.empty() && !beats_.full() && responses_.size() < 32 && !rest_w;
  shown_ = !responses_.empty() && (shown_ || !rest_b);
  port.b.valid = shown_;
  if (shown_) port.b.resp = responses_.front();
}

void DdrWritePort::retire(const AxiPort& port, std::uint64_t now) {
  if (port.b.accepted()) {
    responses_.pop();
    shown_ = false;
  }
  if (!port.w.accepted()) return;
  DdrBurst& burst = bursts_.front();
  beats_.push({burst.addr, now, port.w.data, port.w.strb, burst.resp, burst.left == 1});
  burst.addr += kBeatBytes;
  if (--burst.left == 0) bursts_.pop();
}

void DdrWritePort::store_beat(DeviceMemory& memory) {
  const Item& item = beats_.front();
  if (burst_resp_ == kRespOkay)
    burst_resp_ = item.resp == kRespOkay ? memory.write(item.addr, item.data, item.strb) : item.resp;
  if (item.last) {
    responses_.push(burst_resp_);
    burst_resp_ = kRespOkay;
  }
  beats_.pop();
}

void DdrWritePort::reset() {
  bursts_.clear();
  beats_.clear();
  responses_.clear();
  burst_resp_ = kRespOkay;
  shown_ = false;
}

}  // namespace squat::sim
