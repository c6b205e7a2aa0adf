// SPDX-License-Identifier: Apache-2.0
// A device buffer as an xrt::bo.
#pragma once

#include <string>

#include "host/backends/xrt/argument_map.hpp"
#include "host/backends/xrt/transport.hpp"
#include "host/backends/xrt/xrt_headers.hpp"
#include "host/model/error.hpp"
#include "host/model/large_pages.hpp"

namespace squat::backends {

class XrtBuffer final : public DeviceBuffer {
 public:
  /// XRT gets whole pages: for less, version 2.13 asks the C library for memory in a way that the standard forbids.
  XrtBuffer(const xrt::device& device, std::size_t bytes, xrt::memory_group group)
      : bo_(device, (bytes + kPage - 1) / kPage * kPage, group), host_(bo_.map<std::uint8_t*>()), size_(bytes) {
    // Memory of the C library that XRT got for an emulated device; a driver's is there already, and does not care.
    if (bytes >= kLarge) model::want_large_pages(host_, (bytes + kPage - 1) / kPage * kPage);
  }

  std::uint8_t* host() override { return host_; }
  std::size_t size() const override { return size_; }
  std::uint64_t address() const override { return bo_.address(); }
  void to_device(std::size_t offset, std::size_t bytes) override { sync(XCL_BO_SYNC_BO_TO_DEVICE, offset, bytes); }
  void from_device(std::size_t offset, std::size_t bytes) override { sync(XCL_BO_SYNC_BO_FROM_DEVICE, offset, bytes); }
  const xrt::bo& bo() const { return bo_; }

 private:
  static constexpr std::size_t kPage = 4096, kLarge = std::size_t{4} << 20;

  void sync(xclBOSyncDirection direction, std::size_t offset, std::size_t bytes) {
    check_range(*this, offset, bytes);
    if (bytes == 0) return;
    try {
      bo_.sync(direction, bytes, offset);
    } catch (const std::exception& e) {
      throw Error(ExitCode::kDeviceFailed, "XRT: copying " + std::to_string(bytes) + " bytes at offset " +
                                               std::to_string(offset) + " of a buffer failed: " + e.what());
    }
  }

  xrt::bo bo_;
  std::uint8_t* host_;
  std::size_t size_;
};

}  // namespace squat::backends
