// SPDX-License-Identifier: Apache-2.0
#include "host/backends/accelerator/transport_link.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <utility>

#include "host/engine/status_block.hpp"
#include "host/model/error.hpp"

namespace squat::backends {
namespace {

/// The watchdog register counts units of 1024 cycles; the host's own limit comes first in wall time only on a dead device.
constexpr std::uint64_t kWatchdogUnit = 1024;
constexpr std::uint64_t kWatchdogSlack = 16;  ///< times the expected cycles

engine::AcceleratorLimits read_limits(Transport& transport) {
  engine::AcceleratorLimits limits;
  const std::uint32_t caps = transport.read_register(spec::kRegCaps);
  limits.rows = static_cast<int>(caps & 0xffU);
  limits.columns = static_cast<int>(caps >> 8 & 0xffU);
  limits.bands = static_cast<int>(caps >> 16 & 0xfU);
  limits.axi_bits = 8 << (caps >> 20 & 0xfU);
  limits.asram_depth = static_cast<int>(transport.read_register(spec::kRegCapsAsram));
  limits.vsram_depth = static_cast<int>(transport.read_register(spec::kRegCapsVsram));
  limits.ring_depth = static_cast<int>(transport.read_register(spec::kRegCapsRing));
  limits.bias_depth = static_cast<int>(transport.read_register(spec::kRegCapsBias));
  return limits;
}

std::string describe_error(const engine::StatusBlock& status) {
  const std::uint32_t code = (status.status >> 8) & 0xffU;
  const char* what = "unknown error code";
  switch (code) {
    case spec::kErrorBadCommand:
      what = "unknown opcode or unit in a command";
      break;
    case spec::kErrorBadAddress:
      what = "address outside the buffer it names";
      break;
    case spec::kErrorAxiRead:
      what = "memory answered a read with an error";
      break;
    case spec::kErrorAxiWrite:
      what = "memory answered a write with an error";
      break;
    case spec::kErrorWatchdog:
      what = "the watchdog's cycle limit was reached";
      break;
    case spec::kErrorBadParameter:
      what = "a command field is outside its range";
      break;
    case spec::kErrorBadCrc:
      what = "commands, weights, parameters or embedding rows in device memory are damaged: their CRC-32 is wrong";
      break;
    default:
      break;
  }
  std::ostringstream text;
  text << "the accelerator stopped with error " << code << " (" << what << ")";
  if (status.error_index != 0xffffffffU) text << " at command " << status.error_index;
  text << ", " << status.commands_done
       << " commands completed; no tokens of this pass are valid. Run squat doctor, then try again";
  return text.str();
}

}  // namespace

TimeLimits default_time_limits(bool simulated) { return simulated ? TimeLimits{60.0, 20e3} : TimeLimits{}; }

TransportLink::TransportLink(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {
  time_ = default_time_limits(transport_->simulated());
  limits_ = read_limits(*transport_);
}

TransportLink::TransportLink(std::unique_ptr<Transport> transport, TimeLimits limits) : TransportLink(std::move(transport)) {
  time_ = limits;
}

void TransportLink::prepare(const engine::BufferSizes& sizes, const std::vector<std::uint8_t>& weights) {
  commands_ = transport_->allocate(Argument::kCmd, std::size_t{sizes.max_commands} * sizeof(spec::Record));
  weights_ = transport_->allocate(Argument::kWeights0, std::size_t{sizes.weight_units} * 16);
  kv_ = transport_->allocate(Argument::kKv, std::size_t{sizes.kv_units} * 16);
  io_ = transport_->allocate(Argument::kIo, std::size_t{sizes.io_units} * 16);
  std::memcpy(weights_->host(), weights.data(), weights.size());
  weights_->to_device(0, weights.size());
  transport_->set_argument(Argument::kCmd, *commands_);
  for (Argument port : {Argument::kWeights0, Argument::kWeights1, Argument::kWeights2, Argument::kWeights3}) {
    transport_->set_argument(port, *weights_);
  }
  transport_->set_argument(Argument::kKv, *kv_);
  transport_->set_argument(Argument::kIo, *io_);
  transport_->set_argument(Argument::kWeightsUnits, sizes.weight_units);
  transport_->set_argument(Argument::kKvUnits, sizes.kv_units);
}

const std::uint8_t* TransportLink::read_cache(engine::ByteRange range) {
  kv_->from_device(range.offset, range.size);
  return kv_->host() + range.offset;
}

void TransportLink::run(const engine::KernelStart& start) {
  const std::size_t bytes = start.commands->size() * sizeof(spec::Record);
  if (bytes > commands_->size()) {
    throw Error(ExitCode::kInternal, "a pass of " + std::to_string(start.commands->size()) +
                                         " commands does not fit the command buffer of " +
                                         std::to_string(commands_->size() / sizeof(spec::Record)));
  }
  std::memcpy(commands_->host(), start.commands->data(), bytes);
  commands_->to_device(0, bytes);
  io_->to_device(start.input.offset, start.input.size);
  transport_->set_argument(Argument::kCmdCount, static_cast<std::uint32_t>(start.commands->size()));
  transport_->set_argument(Argument::kIoUnits, start.io_units);
  transport_->set_argument(Argument::kProfile, start.profile);
  const std::uint64_t watchdog = start.expected_cycles * kWatchdogSlack / kWatchdogUnit;
  transport_->set_argument(Argument::kWatchdog, static_cast<std::uint32_t>(std::min<std::uint64_t>(watchdog, 0xffffffffU)));

  transport_->start();
  const double seconds = time_.floor_seconds + static_cast<double>(start.expected_cycles) / time_.cycles_per_second;
  const RunState state = transport_->wait(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  if (state == RunState::kTimeout) {
    throw Error(ExitCode::kDeviceFailed, "the accelerator's run did not end in time and was aborted (" + transport_->failure() +
                                             "); run squat doctor, then open the device anew");
  }
  if (state == RunState::kFailed)
    throw Error(ExitCode::kDeviceFailed, "the accelerator's run failed: " + transport_->failure());

  for (const engine::ByteRange& range : start.outputs) io_->from_device(range.offset, range.size);
  const std::size_t status_offset = (std::size_t{start.io_units} - 64) * 16;
  const engine::StatusBlock status = engine::parse_status(io_->host() + status_offset);
  const bool failed = (transport_->read_register(spec::kRegStatus) & 2U) != 0;
  if (failed || (status.status & 2U) != 0) {
    engine::StatusBlock reported = status;
    reported.status = transport_->read_register(spec::kRegStatus);
    reported.error_index = transport_->read_register(spec::kRegErrorIndex);
    reported.commands_done = transport_->read_register(spec::kRegCommandsDone);
    throw Error(ExitCode::kDeviceFailed, describe_error(reported));
  }
  if (status.commands_done != start.commands->size()) {
    throw Error(ExitCode::kDeviceFailed, "the accelerator reported done after " + std::to_string(status.commands_done) +
                                             " of " + std::to_string(start.commands->size()) +
                                             " commands: its status block is stale or was not written");
  }
  check_.require(start, io_->host(), status);
}

}  // namespace squat::backends
