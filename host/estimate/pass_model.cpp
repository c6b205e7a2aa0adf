// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/pass_model.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "host/estimate/array.hpp"
#include "host/estimate/dispatch.hpp"
#include "host/estimate/io.hpp"
#include "host/estimate/memory.hpp"
#include "host/estimate/ports.hpp"
#include "host/estimate/post.hpp"
#include "host/estimate/record_writer.hpp"
#include "host/estimate/vec.hpp"
#include "host/estimate/weights.hpp"
#include "host/model/error.hpp"

namespace squat::estimate {
namespace {

/// All units with the wires between them. A cycle: everything shows its outputs, grants follow, then everything moves on.
class Kernel {
 public:
  Kernel(const std::vector<spec::Record>& records, const std::vector<unsigned>& widths, const backends::DdrParameters& ddr,
         const engine::AcceleratorLimits& limits, std::uint32_t profile)
      : records_(records),
        widths_(widths),
        memory_(ddr, static_cast<unsigned>(limits.beat_words())),
        fetch_(static_cast<unsigned>(records.size())),
        dispatch_(records),
        weights_(static_cast<unsigned>(limits.ring_depth), static_cast<unsigned>(limits.beat_words())),
        array_(limits.beat_words() > 1 ? static_cast<unsigned>(limits.blocks()) - 1 : 0),
        profile_(profile) {
    result_.commands.resize(records.size());
  }

  PassTimes run() {
    while (!complete()) {
      if (!tick() && memory_.idle()) skip();
    }
    result_.counters.cycles = now_ + 1;
    result_.counters.read_beats = memory_.read_beats();
    result_.counters.write_beats = memory_.write_beats();
    return std::move(result_);
  }

 private:
  bool complete() const { return dispatch_.complete() && logits_.idle() && profile_.idle() && writer_.idle(); }
  bool tick();
  void complete_commands(bool writes_idle);
  void count_load(bool last);
  void count_array(bool held, std::uint64_t cycles);
  CommandTimes& times(const spec::Record* record) {
    return result_.commands[static_cast<std::size_t>(record - records_.data())];
  }
  void skip();
  const spec::Record* accept(unsigned unit, bool ready);
  const WidthCounts& table(const spec::Record& gemm) const { return tables_[spec::get(gemm, spec::kGemmInTable)]; }

  const std::vector<spec::Record>& records_;
  const std::vector<unsigned>& widths_;
  PassTimes result_;
  std::uint64_t now_ = 0;
  Memory memory_;
  std::array<AddressRegister, kReadPorts> addresses_;
  Reader reader_;
  Writer writer_;
  Fetch fetch_;
  Dispatch dispatch_;
  Weights weights_;
  Array array_;
  Post post_;
  LogitsWriter logits_;
  Vec vec_;
  Io io_;
  RecordWriter profile_;
  std::array<WidthCounts, 2> tables_;
  std::array<bool, kUnits> taken_{}, done_{};
  std::array<std::uint32_t, kUnits> index_{};                ///< of the command taken in this cycle
  std::array<FixedQueue<std::uint32_t, 8>, kUnits> inside_;  ///< commands accepted and not done, by unit
  FixedQueue<std::uint32_t, 8> filling_;                     ///< load commands whose beats bank 0 has not got yet
};

const spec::Record* Kernel::accept(unsigned unit, bool ready) {
  const spec::Record* record = ready && profile_.ready(unit) ? dispatch_.offered(unit) : nullptr;
  taken_[unit] = record != nullptr;
  if (record == nullptr) return nullptr;
  index_[unit] = dispatch_.offered_index(unit);
  times(record).start = now_;
  inside_[unit].push(index_[unit]);
  if (unit == spec::kUnitLoad) filling_.push(index_[unit]);
  return record;
}

void Kernel::complete_commands(bool writes_idle) {
  done_ = {weights_.done(), post_.done(), vec_.done(), io_.done(writes_idle)};
  for (unsigned u = 0; u < kUnits; ++u) {
    if (!done_[u]) continue;
    const std::uint32_t index = inside_[u].front();
    const spec::Record& record = records_[index];
    inside_[u].pop();
    CommandTimes& t = result_.commands[index];
    t.end = now_;
    if (u == spec::kUnitVec || u == spec::kUnitIo) t.busy = t.end - t.start - t.held;
    // The table was written while the command ran; who reads it waits for the command.
    if (spec::get(record, spec::kCmdOpcode) == spec::kOpTclm) {
      tables_[spec::get(record, spec::kTclmOutTable)] = {spec::get(record, spec::kTclmTokens), widths_[index]};
    }
  }
}

/// Steps and stalls of the array in the next `cycles` cycles, which are all alike.
void Kernel::count_array(bool held, std::uint64_t cycles) {
  const bool step = array_.steps(held), weight = array_.weight_stall(held), drain = array_.drain_stall(held);
  if (!step && !weight && !drain) return;
  CommandTimes& t = times(array_.current().command);
  engine::DeviceCounters& c = result_.counters;
  if (step && t.busy == 0) t.first = now_;
  if (step) t.last = now_ + cycles - 1;
  for (std::uint64_t* steps : {&t.busy, &c.mac_steps}) *steps += step ? cycles : 0;
  for (std::uint64_t* stalls : {&t.weight_stall, &c.weight_stall}) *stalls += weight ? cycles : 0;
  for (std::uint64_t* stalls : {&t.drain_stall, &c.drain_stall}) *stalls += drain ? cycles : 0;
}

/// A beat that arrives in bank 0 of the ring.
void Kernel::count_load(bool last) {
  CommandTimes& t = result_.commands[filling_.front()];
  if (t.busy++ == 0) t.first = now_;
  t.last = now_;
  if (weights_.ends_command(last)) filling_.pop();
}

bool Kernel::tick() {
  const bool held = weights_.holds(array_.needed_words());

  // Completions and acceptances.
  const bool writes_idle = writer_.client_idle(Writer::kIo);
  complete_commands(writes_idle);
  const spec::Record* load = accept(spec::kUnitLoad, weights_.ready());
  const spec::Record* gemm = accept(spec::kUnitGemm, array_.ready());
  const spec::Record* vec = accept(spec::kUnitVec, vec_.ready());
  const spec::Record* io = accept(spec::kUnitIo, io_.ready());
  const bool record = fetch_.record_valid() && dispatch_.takes_record();

  // Port 0: the reader's beats, the vector and activation memory's grants.
  const unsigned head = memory_.data_valid(0) ? reader_.head() : 2;
  const bool io_beat = head == 1;
  Io::Signals io_in;
  io_in.command = io;
  io_in.beat = io_beat;
  io_in.vector_read = !post_.reads_vector();
  io_in.vector_write = !post_.writes_vector();
  io_in.activation_read = !post_.writes_activation();
  io_in.writes_idle = writes_idle;
  const bool vec_read = io_in.vector_read && !io_.reads_vector(io_beat);
  const bool vec_write = io_in.activation_read && !io_.reads_activation();

  const std::array<Range, 2> reads{Range{fetch_.request_unit(), fetch_.request() ? fetch_.request_beats() : 0},
                                   io_.read_request()};
  const bool fetch_granted = reader_.takes(reads, 0);
  io_in.read_granted = reader_.takes(reads, 1);
  Writer::Signals writes;
  writes.requests = {profile_.request(), io_.write_request(), logits_.request()};
  writes.valid = {profile_.data_valid(), io_.data_valid(), logits_.data_valid()};
  writes.address_ready = memory_.write_address_ready();
  writes.data_ready = memory_.write_ready();
  writes.response = memory_.response_valid();
  const unsigned writer_client = writer_.granted(writes);
  const auto data_taken = [&](unsigned client) {
    return writes.valid[client] && writer_.takes_data(client, writes.data_ready);
  };
  io_in.write_granted = writer_client == Writer::kIo;
  io_in.data_taken = data_taken(Writer::kIo);
  const bool logits_taken = data_taken(Writer::kLogits), record_taken = data_taken(Writer::kRecords);
  const bool head_taken = head == 0 || (head == 1 && io_.read_ready(io_in.vector_read));
  const bool beat0_last = head_taken && memory_.data_last(0);

  // Memory and the registers in front of it.
  MemorySignals bus;
  Weights::Signals load_in;
  load_in.command = load;
  load_in.pop = array_.pop(held);
  bool addresses_move = false;
  std::array<unsigned, kReadPorts> next{};
  std::array<bool, kReadPorts> memory_ready{};
  for (unsigned p = 0; p < kReadPorts; ++p) {
    memory_ready[p] = memory_.address_ready(p);
    bus.read_beats[p] = addresses_[p].beats;
    bus.read_ready[p] = p == 0 ? head_taken : true;
    next[p] = p == 0 ? reader_.address() : weights_.address(p - 1);
    addresses_move |= next[p] != 0 || addresses_[p].beats != 0;
    if (p == 0) continue;
    load_in.address_taken[p - 1] = next[p] != 0 && addresses_[p].ready(memory_ready[p]);
    load_in.beat[p - 1] = memory_.data_valid(p);
    load_in.last[p - 1] = memory_.data_valid(p) && memory_.data_last(p);
  }
  bus.write_beats = writer_.address();
  bus.write_valid = writer_.data_valid();
  const bool address0_taken = next[0] != 0 && addresses_[0].ready(memory_ready[0]);

  // Post and array.
  const bool job_taken = array_.job_valid() && post_.job_ready();
  Post::Signals post_in;
  ArrayPass job;
  if (job_taken) {
    job = array_.job();
    post_in.job = &job;
    post_in.bank = array_.job_bank();
    post_in.table = table(*job.command);
  }
  post_in.logits_ready = logits_.ready();
  const bool logits_push = post_.logits_valid() && logits_.ready();
  const std::uint32_t logits_unit = post_.logits_unit();
  Array::Signals array_in;
  array_in.command = gemm;
  if (gemm != nullptr) array_in.table = table(*gemm);
  array_in.held = held;
  array_in.job_taken = job_taken;
  array_in.bank_free = post_.bank_free();

  // What profile records count.
  count_array(held, 1);
  if (load_in.beat[0]) count_load(load_in.last[0]);
  if (!inside_[spec::kUnitVec].empty() && vec == nullptr &&
      ((vec_.reads_vector() && !vec_read) || (vec_.writes_activation() && !vec_write))) {
    ++result_.commands[inside_[spec::kUnitVec].front()].held;
  }
  if (!inside_[spec::kUnitIo].empty() && io == nullptr && io_.held(io_in))
    ++result_.commands[inside_[spec::kUnitIo].front()].held;

  // Everything moves on.
  bool moved = addresses_move;
  moved |= array_.update(now_, array_in);
  moved |= post_.update(now_, post_in);
  moved |= logits_.update(logits_push, logits_unit, writer_client == Writer::kLogits, logits_taken);
  moved |= profile_.update(taken_, index_, done_, writer_client == Writer::kRecords, record_taken);
  moved |= vec_.update(now_, vec, vec_read, vec_write);
  moved |= io_.update(io_in);
  moved |= weights_.update(load_in);
  moved |= fetch_.update(fetch_granted, head == 0, record);
  moved |= dispatch_.update(record, taken_, done_);
  moved |= !reader_.idle() || !writer_.empty();
  reader_.update(reads, address0_taken, beat0_last);
  writer_.update(writes);
  for (unsigned p = 0; p < kReadPorts; ++p) addresses_[p].update(memory_ready[p], next[p]);
  memory_.update(bus);
  ++now_;
  return moved;
}

/// Nothing moved in the last cycle but steps of the array and countdowns, and nothing will until one of them ends.
void Kernel::skip() {
  const std::uint64_t cycles = std::min(array_.quiet_cycles(now_), vec_.quiet_cycles());
  if (cycles == std::numeric_limits<std::uint64_t>::max()) {
    throw Error(ExitCode::kInternal, "estimate: the commands of the pass wait for each other at cycle " + std::to_string(now_));
  }
  if (cycles == 0) return;
  count_array(weights_.holds(array_.needed_words()), cycles);
  array_.skip(cycles);
  vec_.skip(cycles);
  memory_.skip(cycles);
  now_ += cycles;
}

}  // namespace

PassTimes time_pass(const std::vector<spec::Record>& records, const std::vector<unsigned>& widths,
                    const backends::DdrParameters& ddr, const engine::AcceleratorLimits& limits, std::uint32_t profile) {
  return Kernel(records, widths, ddr, limits, profile).run();
}

}  // namespace squat::estimate
