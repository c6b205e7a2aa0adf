// SPDX-License-Identifier: Apache-2.0
// Binds the ports of a Verilated kernel (AMBA names) to KernelSignals.
#pragma once

#include <verilated.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>

#include "host/model/error.hpp"
#include "sim/kernel_core.hpp"

#ifdef SQUAT_SIM_TRACE
#include <verilated_fst_c.h>
#endif

namespace squat::sim {

/// Held where a kernel is made or bound to a thread: Verilator notes the last context of the process without a lock.
inline std::mutex& context_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// The context that the calling thread is bound to.
inline const VerilatedContext*& bound_context() {
  thread_local const VerilatedContext* context = nullptr;
  return context;
}

// Port names are tokens, so the repetition over ports is a macro and nothing else. A kernel may lack read ports 1..4: the
// second overload of each pair then stands in.
#define SQUAT_SIM_READ_PORT(N)                                                                           \
  template <class T>                                                                                     \
  static auto read_in_##N(T& top, const AxiPort& p, int)->decltype(void(top.m_axi_gmem##N##_arready)) {  \
    top.m_axi_gmem##N##_arready = p.ar.ready;                                                            \
    top.m_axi_gmem##N##_rvalid = p.r.valid;                                                              \
    if (!p.r.valid) return;                                                                              \
    put(top.m_axi_gmem##N##_rdata, p.r.data);                                                            \
    top.m_axi_gmem##N##_rresp = p.r.resp;                                                                \
    top.m_axi_gmem##N##_rlast = p.r.last;                                                                \
  }                                                                                                      \
  template <class T>                                                                                     \
  static void read_in_##N(T&, const AxiPort&, long) {}                                                   \
  template <class T>                                                                                     \
  static auto read_out_##N(const T& top, AxiPort& p, int)->decltype(void(top.m_axi_gmem##N##_arvalid)) { \
    p.ar.valid = top.m_axi_gmem##N##_arvalid != 0;                                                       \
    if (p.ar.valid) {                                                                                    \
      p.ar.addr = top.m_axi_gmem##N##_araddr;                                                            \
      p.ar.len = top.m_axi_gmem##N##_arlen;                                                              \
      p.ar.size = top.m_axi_gmem##N##_arsize;                                                            \
      p.ar.burst = top.m_axi_gmem##N##_arburst;                                                          \
    }                                                                                                    \
    p.r.ready = top.m_axi_gmem##N##_rready != 0;                                                         \
  }                                                                                                      \
  template <class T>                                                                                     \
  static void read_out_##N(const T&, AxiPort&, long) {}

template <class V>
class VerilatedCore final : public KernelCore {
 public:
  /// The caller holds context_mutex().
  VerilatedCore() : top_(&context_) {
    bound_context() = &context_;
    // A failed assertion is an error of the run, not the end of the host program.
    context_.fatalOnError(false);
    top_.ap_clk = 0;
  }
  ~VerilatedCore() override {
    bind_thread();
    top_.final();
  }

  void settle(KernelSignals& s) override {
    bind_thread();
    top_.ap_clk = 0;
    top_.ap_rst_n = !s.reset;
    control_in(s.control);
    memory_in(s.ports);
    top_.eval();
    dump();
    control_out(s.control);
    memory_out(s.ports);
    s.interrupt = interrupt(top_, 0) != 0;
  }

  void rise() override {
    top_.ap_clk = 1;
    top_.eval();
    dump();
  }

  unsigned read_bytes(unsigned port) const override { return port == 0 ? kBeatBytes : sizeof(top_.m_axi_gmem1_rdata); }

  bool stopped() const override { return context_.gotError() || context_.gotFinish(); }

  void trace(const std::string& path) override {
#ifdef SQUAT_SIM_TRACE
    context_.traceEverOn(true);
    trace_ = std::make_unique<VerilatedFstC>();
    top_.trace(trace_.get(), 99);
    trace_->open(path.c_str());
    if (!trace_->isOpen()) throw usage_error("waveform " + path + ": cannot be written");
#else
    throw usage_error("waveform " + path + ": this build has no tracing; configure with -DSQUAT_SIM_TRACE=ON");
#endif
  }

 private:
  // Errors are counted in the context of the calling thread, and runs may move between threads.
  void bind_thread() {
    if (bound_context() == &context_) return;
    const std::lock_guard<std::mutex> lock(context_mutex());
    Verilated::threadContextp(&context_);
    bound_context() = &context_;
  }

  // Verilator may rename the port, because "interrupt" is a word it reserves; a kernel that is polled has none.
  template <class T>
  static auto interrupt(const T& top, int) -> decltype(top.__SYM__interrupt) {
    return top.__SYM__interrupt;
  }
  template <class T>
  static auto interrupt(const T& top, long) -> decltype(top.interrupt) {
    return top.interrupt;
  }
  template <class T>
  static int interrupt(const T&, ...) {
    return 0;
  }

  template <class Wide>
  static void put(Wide& pin, const ReadBeat& beat) {
    static_assert(sizeof(Wide) == kBeatBytes || sizeof(Wide) == kMaxBeatBytes, "a memory port is 128 or 512 bits wide");
    for (std::size_t i = 0; i < sizeof(Wide) / 4; ++i) pin[i] = beat[i];
  }

  SQUAT_SIM_READ_PORT(0)
  SQUAT_SIM_READ_PORT(1)
  SQUAT_SIM_READ_PORT(2)
  SQUAT_SIM_READ_PORT(3)
  SQUAT_SIM_READ_PORT(4)

  void control_in(const ControlPort& c) {
    top_.s_axi_control_awvalid = c.awvalid;
    top_.s_axi_control_awaddr = c.awaddr;
    top_.s_axi_control_wvalid = c.wvalid;
    top_.s_axi_control_wdata = c.wdata;
    top_.s_axi_control_wstrb = 15;
    top_.s_axi_control_bready = c.bready;
    top_.s_axi_control_arvalid = c.arvalid;
    top_.s_axi_control_araddr = c.araddr;
    top_.s_axi_control_rready = c.rready;
  }
  void control_out(ControlPort& c) {
    c.awready = top_.s_axi_control_awready != 0;
    c.wready = top_.s_axi_control_wready != 0;
    c.bvalid = top_.s_axi_control_bvalid != 0;
    c.arready = top_.s_axi_control_arready != 0;
    c.rvalid = top_.s_axi_control_rvalid != 0;
    c.rdata = top_.s_axi_control_rdata;
  }
  void memory_in(const std::array<AxiPort, kMemoryPorts>& p) {
    read_in_0(top_, p[0], 0);
    read_in_1(top_, p[1], 0);
    read_in_2(top_, p[2], 0);
    read_in_3(top_, p[3], 0);
    read_in_4(top_, p[4], 0);
    top_.m_axi_gmem0_awready = p[0].aw.ready;
    top_.m_axi_gmem0_wready = p[0].w.ready;
    top_.m_axi_gmem0_bvalid = p[0].b.valid;
    top_.m_axi_gmem0_bresp = p[0].b.resp;
  }
  void memory_out(std::array<AxiPort, kMemoryPorts>& p) {
    read_out_0(top_, p[0], 0);
    read_out_1(top_, p[1], 0);
    read_out_2(top_, p[2], 0);
    read_out_3(top_, p[3], 0);
    read_out_4(top_, p[4], 0);
    p[0].aw.valid = top_.m_axi_gmem0_awvalid != 0;
    if (p[0].aw.valid) {
      p[0].aw.addr = top_.m_axi_gmem0_awaddr;
      p[0].aw.len = top_.m_axi_gmem0_awlen;
      p[0].aw.size = top_.m_axi_gmem0_awsize;
      p[0].aw.burst = top_.m_axi_gmem0_awburst;
    }
    p[0].w.valid = top_.m_axi_gmem0_wvalid != 0;
    if (p[0].w.valid) {
      for (std::size_t i = 0; i < kBeatBytes / 4; ++i) p[0].w.data[i] = top_.m_axi_gmem0_wdata[i];
      p[0].w.strb = top_.m_axi_gmem0_wstrb;
      p[0].w.last = top_.m_axi_gmem0_wlast != 0;
    }
    p[0].b.ready = top_.m_axi_gmem0_bready != 0;
  }

  void dump() {
#ifdef SQUAT_SIM_TRACE
    if (trace_) trace_->dump(time_++);
#endif
  }

  VerilatedContext context_;
  V top_;
#ifdef SQUAT_SIM_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
  std::uint64_t time_ = 0;  ///< half clock periods
#endif
};

#undef SQUAT_SIM_READ_PORT

}  // namespace squat::sim
