// SPDX-License-Identifier: Apache-2.0
// An AXI memory for RTL unit tests: byte regions, random stalls on every channel, injected error responses, protocol checks.
// Each port decides its signals of a cycle before the design is evaluated, so nothing depends combinationally on the design:
//   ports: drive the design's inputs from out() -> eval -> clock(the design's outputs) -> rising edge.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace squat::test {

using Beat = std::array<std::uint32_t, 4>;
constexpr std::uint8_t kOkay = 0, kSlvErr = 2, kDecErr = 3;

inline void expect(bool ok, const char* rule) {
  if (!ok) throw std::runtime_error(std::string("AXI: ") + rule);
}

/// Byte-addressed memory made of regions; outside of them every access answers DECERR.
class AxiMemory {
 public:
  std::uint8_t* add(std::uint64_t base, std::size_t bytes) {
    regions_.push_back({base, std::vector<std::uint8_t>(bytes)});
    return regions_.back().data.data();
  }
  /// Accesses to [begin, end) answer SLVERR.
  void fault(std::uint64_t begin, std::uint64_t end) { fault_begin_ = begin, fault_end_ = end; }
  /// Counts transactions over all ports anew, from 1; the named read and the named write (0 = none) are answered with
  /// `response`.
  void fail_transactions(std::uint64_t read, std::uint64_t write, std::uint8_t response) {
    reads_ = writes_ = 0;
    failing_read_ = read, failing_write_ = write, failing_response_ = response;
  }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }
  /// What the next read resp. write transaction answers, beyond what its addresses do.
  std::uint8_t count_read() { return ++reads_ == failing_read_ ? failing_response_ : kOkay; }
  std::uint8_t count_write() { return ++writes_ == failing_write_ ? failing_response_ : kOkay; }

  std::uint8_t response(std::uint64_t addr) const {
    if (addr >= fault_begin_ && addr < fault_end_) return kSlvErr;
    return const_cast<AxiMemory*>(this)->find(addr) ? kOkay : kDecErr;
  }
  Beat read(std::uint64_t addr) {
    Beat beat{};
    if (const std::uint8_t* p = find(addr)) {
      for (unsigned i = 0; i < 16; ++i) beat[i / 4] |= std::uint32_t{p[i]} << (8 * (i % 4));
    }
    return beat;
  }
  void write(std::uint64_t addr, const Beat& beat, std::uint32_t strb) {
    if (response(addr) != kOkay) return;
    std::uint8_t* p = find(addr);
    for (unsigned i = 0; i < 16; ++i) {
      if (strb >> i & 1) p[i] = static_cast<std::uint8_t>(beat[i / 4] >> (8 * (i % 4)));
    }
  }

 private:
  struct Region {
    std::uint64_t base;
    std::vector<std::uint8_t> data;
  };
  std::uint8_t* find(std::uint64_t addr) {
    for (Region& r : regions_) {
      if (addr >= r.base && addr + 16 <= r.base + r.data.size()) return &r.data[addr - r.base];
    }
    return nullptr;
  }
  std::deque<Region> regions_;
  std::uint64_t fault_begin_ = 0, fault_end_ = 0;
  std::uint64_t reads_ = 0, writes_ = 0, failing_read_ = 0, failing_write_ = 0;
  std::uint8_t failing_response_ = kOkay;
};

/// Stall behaviour of one port: chances in 1/256 per cycle.
struct Stalls {
  unsigned address = 0, data = 0, response = 0;
  unsigned latency = 4;  ///< cycles from an address to its first data, or from the last data to the response
  bool dead = false;     ///< never ready, never answers
  unsigned run = 1;      ///< a pause before read data or a response lasts 1..run cycles
};

/// The stalls of one channel.
class Rest {
 public:
  bool now(std::mt19937& random, unsigned chance, unsigned run) {
    if (left_ != 0) {
      --left_;
      return true;
    }
    if ((random() & 255) >= chance) return false;
    if (run > 1) left_ = static_cast<unsigned>(random() % run);
    return true;
  }

 private:
  unsigned left_ = 0;
};

inline void check_burst(std::uint64_t addr, unsigned len, unsigned beat_bytes = 16) {
  expect(addr % beat_bytes == 0, "address not aligned");
  expect(len + 1 <= 64, "burst too long");
  expect(addr / 4096 == (addr + beat_bytes * len) / 4096, "burst crosses 4 KiB");
}

class AxiReadPort {
 public:
  struct Out {
    bool arready = false, rvalid = false, rlast = false;
    std::uint8_t rresp = kOkay;
    std::array<std::uint32_t, 16> rdata{};  ///< the first bytes, as wide as the port
  };
  struct In {
    bool arvalid = false, rready = false;
    std::uint64_t araddr = 0;
    std::uint8_t arlen = 0;
  };

  AxiReadPort(AxiMemory& memory, unsigned seed, Stalls stalls, unsigned beat_bytes = 16)
      : memory_(memory), beat_bytes_(beat_bytes), random_(seed), stalls_(stalls) {
    choose();
  }
  Stalls& stalls() { return stalls_; }
  const Out& out() const { return out_; }
  std::uint64_t beats() const { return beats_; }
  std::size_t waiting() const { return bursts_.size(); }
  /// Forgets what is under way.
  void reset() {
    bursts_.clear();
    held_ = false;
    out_ = {};
  }

  void clock(const In& in) {
    ++now_;
    expect(!held_ || (in.arvalid && in.araddr == last_.araddr && in.arlen == last_.arlen), "AR changed while it waited");
    held_ = in.arvalid && !out_.arready;
    last_ = in;
    if (in.arvalid && out_.arready) {
      check_burst(in.araddr, in.arlen, beat_bytes_);
      // SLVERR comes with one beat only, DECERR with all.
      const std::uint8_t resp = memory_.count_read();
      const unsigned bad = resp == kSlvErr ? static_cast<unsigned>(memory_.reads()) % (in.arlen + 1U) + 1 : 0;
      bursts_.push_back({in.araddr, in.arlen + 1U, now_ + stalls_.latency, resp, bad});
    }
    if (out_.rvalid && in.rready) {
      ++beats_;
      Burst& b = bursts_.front();
      b.addr += beat_bytes_;
      if (--b.left == 0) bursts_.pop_front();
      out_.rvalid = false;
    }
    choose();
  }

 private:
  struct Burst {
    std::uint64_t addr;
    unsigned left;
    std::uint64_t ready_at;
    std::uint8_t resp;
    unsigned bad;  ///< beats left when `resp` is answered, 0 = in all beats
  };
  void choose() {
    out_.arready = !stalls_.dead && !ar_.now(random_, stalls_.address, 1) && bursts_.size() < 16;
    if (!out_.rvalid && !stalls_.dead && !bursts_.empty() && bursts_.front().ready_at <= now_ &&
        !r_.now(random_, stalls_.data, stalls_.run)) {
      const Burst& b = bursts_.front();
      out_.rvalid = true;
      out_.rresp = b.bad == 0 || b.bad == b.left ? b.resp : kOkay;
      for (unsigned i = 0; i < beat_bytes_ / 16; ++i) {
        const Beat word = memory_.read(b.addr + 16 * i);
        std::copy(word.begin(), word.end(), out_.rdata.begin() + 4 * i);
        out_.rresp = std::max(out_.rresp, memory_.response(b.addr + 16 * i));
      }
      out_.rlast = b.left == 1;
    }
  }

  AxiMemory& memory_;
  unsigned beat_bytes_;
  std::mt19937 random_;
  Stalls stalls_;
  Rest ar_, r_;
  Out out_;
  In last_;
  bool held_ = false;
  std::uint64_t now_ = 0, beats_ = 0;
  std::deque<Burst> bursts_;
};

class AxiWritePort {
 public:
  struct Out {
    bool awready = false, wready = false, bvalid = false;
    std::uint8_t bresp = kOkay;
  };
  struct In {
    bool awvalid = false, wvalid = false, wlast = false, bready = false;
    std::uint64_t awaddr = 0;
    std::uint8_t awlen = 0;
    std::uint16_t wstrb = 0;
    Beat wdata{};
  };

  AxiWritePort(AxiMemory& memory, unsigned seed, Stalls stalls) : memory_(memory), random_(seed), stalls_(stalls) { choose(); }
  Stalls& stalls() { return stalls_; }
  const Out& out() const { return out_; }
  std::uint64_t beats() const { return beats_; }
  std::uint64_t bursts() const { return bursts_seen_; }
  bool idle() const { return addresses_.empty() && data_.empty() && responses_.empty(); }
  /// Forgets what is under way.
  void reset() {
    addresses_.clear();
    data_.clear();
    responses_.clear();
    aw_held_ = w_held_ = false;
    out_ = {};
  }

  void clock(const In& in) {
    ++now_;
    expect(!aw_held_ || (in.awvalid && in.awaddr == last_.awaddr && in.awlen == last_.awlen), "AW changed while it waited");
    expect(!w_held_ || (in.wvalid && in.wdata == last_.wdata && in.wstrb == last_.wstrb && in.wlast == last_.wlast),
           "W changed while it waited");
    aw_held_ = in.awvalid && !out_.awready;
    w_held_ = in.wvalid && !out_.wready;
    last_ = in;
    if (out_.bvalid && in.bready) {
      responses_.pop_front();
      out_.bvalid = false;
    }
    if (in.awvalid && out_.awready) {
      check_burst(in.awaddr, in.awlen);
      addresses_.push_back({in.awaddr, in.awlen + 1U, memory_.count_write()});
      ++bursts_seen_;
    }
    if (in.wvalid && out_.wready) {
      data_.push_back({in.wdata, in.wstrb, in.wlast});
      ++beats_;
    }
    finish_bursts();
    choose();
  }

 private:
  struct Address {
    std::uint64_t addr;
    unsigned beats;
    std::uint8_t resp;
  };
  struct Data {
    Beat beat;
    std::uint16_t strb;
    bool last;
  };
  struct Response {
    std::uint8_t resp;
    std::uint64_t ready_at;
  };
  void finish_bursts() {
    while (!addresses_.empty() && data_.size() >= addresses_.front().beats) {
      const Address a = addresses_.front();
      addresses_.pop_front();
      std::uint8_t resp = a.resp;
      for (unsigned i = 0; i < a.beats; ++i) {
        const Data d = data_.front();
        data_.pop_front();
        expect(d.last == (i + 1 == a.beats), "WLAST in the wrong place");
        if (d.strb != 0) resp = std::max(resp, memory_.response(a.addr + 16 * i));
        if (a.resp == kOkay) memory_.write(a.addr + 16 * i, d.beat, d.strb);
      }
      responses_.push_back({resp, now_ + stalls_.latency});
    }
  }
  void choose() {
    out_.awready = !stalls_.dead && !aw_.now(random_, stalls_.address, 1) && addresses_.size() < 8;
    out_.wready = !stalls_.dead && !w_.now(random_, stalls_.data, 1) && data_.size() < 128;
    if (!out_.bvalid && !stalls_.dead && !responses_.empty() && responses_.front().ready_at <= now_ &&
        !b_.now(random_, stalls_.response, stalls_.run)) {
      out_.bvalid = true;
      out_.bresp = responses_.front().resp;
    }
  }

  AxiMemory& memory_;
  std::mt19937 random_;
  Stalls stalls_;
  Rest aw_, w_, b_;
  Out out_;
  In last_;
  bool aw_held_ = false, w_held_ = false;
  std::uint64_t now_ = 0, beats_ = 0, bursts_seen_ = 0;
  std::deque<Address> addresses_;
  std::deque<Data> data_;
  std::deque<Response> responses_;
};

// Verilated signals to ports and back; PRE is the common prefix of the design's port names, for example m_axi_gmem0_.
#define SQUAT_AXI_READ_IN(DUT, PRE, PORT)                                              \
  do {                                                                                 \
    (DUT).PRE##arready = (PORT).out().arready;                                         \
    (DUT).PRE##rvalid = (PORT).out().rvalid;                                           \
    (DUT).PRE##rlast = (PORT).out().rlast;                                             \
    (DUT).PRE##rresp = (PORT).out().rresp;                                             \
    for (unsigned i_ = 0; i_ < 4; ++i_) (DUT).PRE##rdata[i_] = (PORT).out().rdata[i_]; \
  } while (false)

#define SQUAT_AXI_READ_CLOCK(DUT, PRE, PORT) \
  (PORT).clock({(DUT).PRE##arvalid != 0, (DUT).PRE##rready != 0, (DUT).PRE##araddr, (DUT).PRE##arlen})

#define SQUAT_AXI_WRITE_IN(DUT, PRE, PORT)     \
  do {                                         \
    (DUT).PRE##awready = (PORT).out().awready; \
    (DUT).PRE##wready = (PORT).out().wready;   \
    (DUT).PRE##bvalid = (PORT).out().bvalid;   \
    (DUT).PRE##bresp = (PORT).out().bresp;     \
  } while (false)

#define SQUAT_AXI_WRITE_CLOCK(DUT, PRE, PORT) \
  (PORT).clock({(DUT).PRE##awvalid != 0,      \
                (DUT).PRE##wvalid != 0,       \
                (DUT).PRE##wlast != 0,        \
                (DUT).PRE##bready != 0,       \
                (DUT).PRE##awaddr,            \
                (DUT).PRE##awlen,             \
                (DUT).PRE##wstrb,             \
                {(DUT).PRE##wdata[0], (DUT).PRE##wdata[1], (DUT).PRE##wdata[2], (DUT).PRE##wdata[3]}})

}  // namespace squat::test
