// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/disturbed_link.hpp"

#include "tests/oracle/crc32.hpp"

namespace squat::test {

void DisturbedLink::clock() {
  for (unsigned p = 0; p < sim::kMemoryPorts; ++p) {
    sim::AxiPort& port = signals_.ports[p];
    const AxiReadPort::Out& out = read_ports_[p]->out();
    port.ar.ready = out.arready;
    port.r.valid = out.rvalid;
    port.r.last = out.rlast;
    port.r.resp = out.rresp;
    port.r.data = out.rdata;
  }
  sim::AxiPort& writes = signals_.ports[0];
  writes.aw.ready = write_port_.out().awready;
  writes.w.ready = write_port_.out().wready;
  writes.b.valid = write_port_.out().bvalid;
  writes.b.resp = write_port_.out().bresp;
  core_->settle(signals_);
  for (unsigned p = 0; p < sim::kMemoryPorts; ++p) {
    const sim::AxiPort& port = signals_.ports[p];
    checkers_[p].observe(port);
    read_ports_[p]->clock({port.ar.valid, port.r.ready, port.ar.addr, port.ar.len});
  }
  write_port_.clock({writes.aw.valid, writes.w.valid, writes.w.last, writes.b.ready, writes.aw.addr, writes.aw.len,
                     writes.w.strb, writes.w.data});
  core_->rise();
}

void DisturbedLink::write(std::uint32_t offset, std::uint32_t value) {
  sim::ControlPort& c = signals_.control;
  c.awaddr = static_cast<std::uint16_t>(offset);
  c.wdata = value;
  c.awvalid = c.wvalid = true;
  c.bready = false;
  for (int i = 0; i < 100; ++i) {
    clock();
    c.awvalid = c.awvalid && !c.awready;
    c.wvalid = c.wvalid && !c.wready;
    const bool done = c.bvalid && c.bready;
    c.bready = !done && random_() % 2 == 0;
    if (done) return;
  }
  FAIL("no answer to a register write");
}

std::uint32_t DisturbedLink::read(std::uint32_t offset) {
  sim::ControlPort& c = signals_.control;
  c.araddr = static_cast<std::uint16_t>(offset);
  c.arvalid = true;
  c.rready = false;
  for (int i = 0; i < 100; ++i) {
    clock();
    c.arvalid = c.arvalid && !c.arready;
    const bool done = c.rvalid && c.rready;
    c.rready = !done && random_() % 2 == 0;
    if (done) return c.rdata;
  }
  FAIL("no answer to a register read");
  return 0;
}

void DisturbedLink::arguments(const engine::KernelStart& start, std::uint32_t watchdog) {
  write64(spec::kRegCmdAddr, kCommands);
  for (std::uint32_t p = 0; p < 4; ++p) write64(spec::kRegWeights0 + 8 * p, weights_base_);
  write64(spec::kRegKv, kv_base_);
  write64(spec::kRegIo, kIo);
  write(spec::kRegCmdCount, static_cast<std::uint32_t>(start.commands->size()));
  write(spec::kRegWeightsUnits, weight_units_);
  write(spec::kRegKvUnits, static_cast<std::uint32_t>(kv_bytes_ / 16));
  write(spec::kRegIoUnits, start.io_units);
  write(spec::kRegWatchdog, watchdog);
  write(spec::kRegIer, 1);
  write(spec::kRegGie, 1);
}

std::uint8_t* DisturbedLink::flipped_byte(const Flip& flip, const engine::KernelStart& start) {
  const std::size_t byte = flip.bit / 8;
  switch (flip.where) {
    case Flip::Where::kNowhere:
      break;
    case Flip::Where::kCommands:
      return commands_ + byte % (start.commands->size() * sizeof(spec::Record));
    case Flip::Where::kWeights:
      return weights_ + byte % (std::size_t{weight_units_} * 16);
    case Flip::Where::kInput:
      return io_ + start.input.offset + byte % start.input.size;
    case Flip::Where::kCache:
      return kv_ + byte % kv_bytes_;
    case Flip::Where::kLogits:
      return io_ + start.logits.offset + byte % start.logits.size;
    case Flip::Where::kStatus:
      return io_ + (std::size_t{start.io_units} - engine::kStatusUnits) * 16 + byte % (engine::kStatusUnits * 16);
  }
  return nullptr;
}

void DisturbedLink::run(const engine::KernelStart& start) {
  const Disturbance d = next;
  next = {};
  std::vector<spec::Record> records = *start.commands;
  std::memcpy(commands_, records.data(), records.size() * sizeof(spec::Record));
  if (d.bad_record < records.size()) {
    spec::Record record = records[d.bad_record];
    spec::put(record, spec::kCmdOpcode, 99);
    spec::put(record, spec::kCmdRecordCrc, 0);
    spec::put(record, spec::kCmdRecordCrc, oracle::crc32(record.data(), sizeof(record)));
    std::memcpy(commands_ + 64 * d.bad_record, record.data(), sizeof(record));
  }
  // What the host writes once must be whole again for the next run; the rest is written anew or filled with noise.
  struct Flipped {
    std::uint8_t* byte;
    std::uint8_t mask;
    bool back;
    Flipped(std::uint8_t* b, unsigned bit, bool again) : byte(b), mask(static_cast<std::uint8_t>(1U << bit)), back(again) {}
    ~Flipped() {
      if (back) turn();
    }
    void turn() const {
      if (byte != nullptr) *byte = static_cast<std::uint8_t>(*byte ^ mask);
    }
  };
  const bool late = d.flip.where == Flip::Where::kLogits || d.flip.where == Flip::Where::kStatus;
  const Flipped flipped(flipped_byte(d.flip, start), d.flip.bit % 8, d.flip.where == Flip::Where::kWeights);
  for (const engine::ByteRange& range : start.outputs) std::memset(io_ + range.offset, 0xa5, range.size);
  arguments(start, d.watchdog);
  memory_.fail_transactions(d.failing_read, d.failing_write, d.response);
  write(spec::kRegApCtrl, 1);
  for (run_cycles_ = 0; !signals_.interrupt; ++run_cycles_) {
    if (d.reset_at != 0 && run_cycles_ == d.reset_at) {
      reset(d.reset_cycles);
      check_rules();
      throw RunEnded{0};
    }
    if (run_cycles_ == d.dead_at) set_dead(d.dead_ports);
    if (run_cycles_ == d.flip.at && !late) flipped.turn();
    if (run_cycles_ == kCycleLimit) FAIL("the run hangs");
    clock();
  }
  // What a dead port owes, it may still owe after the run.
  if (d.dead_ports == 0) {
    for (sim::AxiChecker& checker : checkers_) checker.finish_run();
  }
  set_dead(0);
  write(spec::kRegIsr, 1);
  REQUIRE((read(spec::kRegApCtrl) & 15) == 0b1110);
  check_rules();
  const std::uint32_t status = read(spec::kRegStatus);
  if (status != 0) throw RunEnded{status};
  if (late) flipped.turn();
  const engine::StatusBlock block = engine::parse_status(io_ + (std::size_t{start.io_units} - engine::kStatusUnits) * 16);
  check_.require(start, io_, block);
  REQUIRE(block.status == 0);
  REQUIRE(block.commands_done == records.size());
}

}  // namespace squat::test
