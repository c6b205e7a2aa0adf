// SPDX-License-Identifier: Apache-2.0
#include "host/backends/accelerator/transport_link.hpp"

#include <algorithm>
#include <cstring>
#include <future>
#include <sstream>
#include <utility>

#include "host/backends/accelerator/capabilities.hpp"
#include "host/backends/xrt/run_control.hpp"
#include "host/engine/status_block.hpp"
#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {
namespace {

/// The watchdog register counts units of 1024 cycles; the host's own limit comes first in wall time only on a dead device.
constexpr std::uint64_t kWatchdogUnit = 1024;
constexpr std::uint64_t kWatchdogSlack = 16;  ///< times the expected cycles
constexpr std::size_t kStatusBytes = engine::kStatusUnits * 16;
constexpr std::size_t kPart = std::size_t{2} << 20;  ///< bytes of weights sent and read back at a time

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

TransportLink::TransportLink(std::unique_ptr<Transport> transport, std::chrono::milliseconds run_limit)
    : transport_(std::move(transport)), run_limit_(run_limit), limits_(read_capabilities(*transport_)) {}

TransportLink::TransportLink(OpenTransport open, std::chrono::milliseconds run_limit) : TransportLink(open(), run_limit) {
  open_ = std::move(open);
}

/// Copies the weights in host memory to the device, and what the device then has back: it must be the same. One part is on its
/// way in a thread of its own while the checksums of its neighbours are computed.
void TransportLink::upload_weights(DeviceBuffer& buffer) {
  const auto move = [&buffer](std::size_t at, std::size_t bytes) {
    buffer.to_device(at, bytes);
    std::memset(buffer.host() + at, 0, bytes);  // a copy that did nothing must not look right
    buffer.from_device(at, bytes);
  };
  std::uint32_t sent = 0, received = 0;
  std::future<void> moving;
  std::size_t checked = 0;
  const auto check_to = [&](std::size_t end) {
    received = model::crc32(buffer.host() + checked, end - checked, received);
    checked = end;
  };
  for (std::size_t at = 0; at < buffer.size(); at += kPart) {
    const std::size_t bytes = std::min(kPart, buffer.size() - at);
    sent = model::crc32(buffer.host() + at, bytes, sent);
    if (moving.valid()) moving.get();
    moving = std::async(std::launch::async, move, at, bytes);
    check_to(at);
  }
  if (moving.valid()) moving.get();
  check_to(buffer.size());
  if (received == sent) return;
  std::ostringstream text;
  text << "device (" << transport_->name() << "): " << buffer.size() << " bytes of weights were sent with CRC-32 " << std::hex
       << sent << ", the device has " << received
       << ": its memory or the way to it damages data. Try again; if it stays so, run the vendor's memory test (xbutil "
          "validate)";
  throw Error(ExitCode::kDeviceFailed, text.str());
}

void TransportLink::prepare(const engine::BufferSizes& sizes, const WriteWeights& write) {
  commands_ = transport_->allocate(Argument::kCmd, std::size_t{sizes.max_commands} * sizeof(spec::Record));
  kv_ = transport_->allocate(Argument::kKv, std::size_t{sizes.kv_units} * 16);
  io_ = transport_->allocate(Argument::kIo, std::size_t{sizes.io_units} * 16);
  transport_->set_argument(Argument::kCmd, *commands_);
  transport_->set_argument(Argument::kKv, *kv_);
  transport_->set_argument(Argument::kIo, *io_);
  DeviceBuffer* first = nullptr;  // with what came back, which is what was sent
  for (Argument port : {Argument::kWeights0, Argument::kWeights1, Argument::kWeights2, Argument::kWeights3}) {
    std::unique_ptr<DeviceBuffer>& buffer = weights_[transport_->bank(port)];
    if (buffer == nullptr) {
      buffer = transport_->allocate(port, std::size_t{sizes.weight_units} * 16);
      if (first == nullptr)
        write(buffer->host());
      else
        std::memcpy(buffer->host(), first->host(), buffer->size());
      upload_weights(*buffer);
      if (first == nullptr) first = buffer.get();
    }
    transport_->set_argument(port, *buffer);
  }
  transport_->set_argument(Argument::kWeightsUnits, sizes.weight_units);
  transport_->set_argument(Argument::kKvUnits, sizes.kv_units);
}

bool TransportLink::reopen() {
  if (!open_) return false;
  commands_.reset();
  kv_.reset();
  io_.reset();
  weights_.clear();
  transport_.reset();  // a device has room for one context only
  transport_ = open_();
  limits_ = read_capabilities(*transport_);
  check_ = {};
  return true;
}

const std::uint8_t* TransportLink::read_cache(engine::ByteRange range) {
  kv_->from_device(range.offset, range.size);
  return kv_->host() + range.offset;
}

RunOutcome TransportLink::run_within_limit(const engine::KernelStart& start, std::size_t command_bytes,
                                           std::size_t status_offset) {
  RunRequest request;
  request.uploads = {{commands_.get(), 0, command_bytes},
                     {io_.get(), start.input.offset, start.input.size},
                     {io_.get(), status_offset, kStatusBytes}};
  for (const engine::ByteRange& range : start.outputs) request.downloads.push_back({io_.get(), range.offset, range.size});
  request.status_register = spec::kRegStatus;
  request.limit = run_limit_.count() != 0 ? run_limit_ : time_limit(*transport_, start.expected_cycles);
  const RunOutcome outcome = transport_->run(request);
  if (outcome.state == RunState::kDone) return outcome;
  if (outcome.state == RunState::kFailed)
    throw Error(ExitCode::kDeviceFailed,
                "the accelerator's run failed: " + transport_->failure() + "; no tokens of this pass are valid, try again");
  transport_->abort();
  if (outcome.state == RunState::kStopped)
    throw Error(ExitCode::kDeviceFailed, "interrupted: the accelerator's run was aborted (" + transport_->failure() + ")");
  throw Error(ExitCode::kDeviceFailed, "the accelerator's run did not end in time and was aborted (" + transport_->failure() +
                                           "); run squat doctor, then open the device anew");
}

/// The status as the registers have it: the block in memory may be what failed.
engine::StatusBlock TransportLink::report_of_registers(engine::StatusBlock status) {
  status.status = transport_->read_register(spec::kRegStatus);
  status.error_index = transport_->read_register(spec::kRegErrorIndex);
  status.commands_done = transport_->read_register(spec::kRegCommandsDone);
  return status;
}

void TransportLink::run(const engine::KernelStart& start) {
  const std::size_t bytes = start.commands->size() * sizeof(spec::Record);
  if (bytes > commands_->size()) {
    throw Error(ExitCode::kInternal, "a pass of " + std::to_string(start.commands->size()) +
                                         " commands does not fit the command buffer of " +
                                         std::to_string(commands_->size() / sizeof(spec::Record)));
  }
  std::memcpy(commands_->host(), start.commands->data(), bytes);
  // A block that stays zero was not written.
  const std::size_t status_offset = (std::size_t{start.io_units} - engine::kStatusUnits) * 16;
  std::memset(io_->host() + status_offset, 0, kStatusBytes);
  transport_->set_argument(Argument::kCmdCount, static_cast<std::uint32_t>(start.commands->size()));
  transport_->set_argument(Argument::kIoUnits, start.io_units);
  transport_->set_argument(Argument::kProfile, start.profile);
  const std::uint64_t watchdog = start.expected_cycles * kWatchdogSlack / kWatchdogUnit;
  transport_->set_argument(Argument::kWatchdog, static_cast<std::uint32_t>(std::min<std::uint64_t>(watchdog, 0xffffffffU)));

  const RunOutcome outcome = run_within_limit(start, bytes, status_offset);
  const engine::StatusBlock status = engine::parse_status(io_->host() + status_offset);
  if (((outcome.status | status.status) & 2U) != 0) {
    throw Error(ExitCode::kDeviceFailed, describe_error(report_of_registers(status)));
  }
  if (status.commands_done != start.commands->size()) {
    throw Error(ExitCode::kDeviceFailed, "the accelerator reported done after " + std::to_string(status.commands_done) +
                                             " of " + std::to_string(start.commands->size()) +
                                             " commands: its status block is stale or was not written");
  }
  check_.require(start, io_->host(), status);
}

}  // namespace squat::backends
