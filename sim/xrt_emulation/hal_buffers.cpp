// SPDX-License-Identifier: Apache-2.0
// XRT's HAL C API: buffer objects and raw device memory.
#include <cstring>
#include <vector>

#include "sim/xrt_emulation/hal.hpp"

using squat::sim::before_call;
using squat::sim::guarded;
using squat::sim::hal;
using squat::sim::HalCall;
using squat::sim::outside;

namespace {

xclBufferHandle allocate(xclDeviceHandle handle, void* user, std::size_t bytes, unsigned flags) {
  // Command packets are XRT's own.
  if ((flags & XCL_BO_FLAGS_EXECBUF) == 0) {
    const unsigned device = hal(handle).device.index();
    if (before_call(device, HalCall::kAllocate) != 0) return XRT_NULL_BO;
    bytes = squat::sim::granted_bytes(device, bytes);
  }
  return hal(handle).device.buffers().allocate(user, bytes, flags);
}

}  // namespace

extern "C" {

xclBufferHandle xclAllocBO(xclDeviceHandle handle, std::size_t bytes, int, unsigned flags) {
  return allocate(handle, nullptr, bytes, flags);
}
xclBufferHandle xclAllocUserPtrBO(xclDeviceHandle handle, void* user, std::size_t bytes, unsigned flags) {
  return allocate(handle, user, bytes, flags);
}
void xclFreeBO(xclDeviceHandle handle, xclBufferHandle buffer) {
  if (!hal(handle).device.buffers().release(buffer)) outside("free", buffer, 0, 0);
}

void* xclMapBO(xclDeviceHandle handle, xclBufferHandle buffer, bool) {
  const auto found = hal(handle).device.buffers().find(buffer);
  if (!found || before_call(hal(handle).device.index(), HalCall::kMap) != 0) return nullptr;
  return found->host;
}
int xclUnmapBO(xclDeviceHandle, xclBufferHandle, void*) { return 0; }

int xclSyncBO(xclDeviceHandle handle, xclBufferHandle buffer, xclBOSyncDirection direction, std::size_t bytes,
              std::size_t offset) {
  const bool up = direction == XCL_BO_SYNC_BO_TO_DEVICE;
  return guarded(handle, up ? HalCall::kUpload : HalCall::kDownload, [&] {
    auto& device = hal(handle).device;
    const auto found = device.buffers().find(buffer);
    if (!found || !found->contains(offset, bytes)) return outside("sync", buffer, bytes, offset);
    std::uint8_t* host = found->host + offset;
    const bool ok = up ? device.copy_to_device(found->address + offset, host, bytes)
                       : device.copy_from_device(found->address + offset, host, bytes);
    return ok ? 0 : -EFAULT;
  });
}

int xclCopyBO(xclDeviceHandle handle, xclBufferHandle to, xclBufferHandle from, std::size_t bytes, std::size_t to_offset,
              std::size_t from_offset) {
  return guarded([&] {
    auto& device = hal(handle).device;
    const auto target = device.buffers().find(to), source = device.buffers().find(from);
    if (!target || !target->contains(to_offset, bytes)) return outside("copy", to, bytes, to_offset);
    if (!source || !source->contains(from_offset, bytes)) return outside("copy", from, bytes, from_offset);
    std::vector<std::uint8_t> copy(bytes);
    return device.copy_from_device(source->address + from_offset, copy.data(), bytes) &&
                   device.copy_to_device(target->address + to_offset, copy.data(), bytes)
               ? 0
               : -EFAULT;
  });
}

std::size_t xclWriteBO(xclDeviceHandle handle, xclBufferHandle buffer, const void* from, std::size_t bytes,
                       std::size_t offset) {
  const auto found = hal(handle).device.buffers().find(buffer);
  if (!found || !found->contains(offset, bytes)) return static_cast<std::size_t>(outside("write", buffer, bytes, offset));
  std::memcpy(found->host + offset, from, bytes);
  return 0;
}
std::size_t xclReadBO(xclDeviceHandle handle, xclBufferHandle buffer, void* to, std::size_t bytes, std::size_t offset) {
  const auto found = hal(handle).device.buffers().find(buffer);
  if (!found || !found->contains(offset, bytes)) return static_cast<std::size_t>(outside("read", buffer, bytes, offset));
  std::memcpy(to, found->host + offset, bytes);
  return 0;
}

int xclGetBOProperties(xclDeviceHandle handle, xclBufferHandle buffer, xclBOProperties* properties) {
  const auto found = hal(handle).device.buffers().find(buffer);
  if (!found) return -EINVAL;
  properties->handle = buffer;
  properties->flags = found->flags;
  properties->size = found->size;
  properties->paddr = found->address;
  return 0;
}

xclBufferExportHandle xclExportBO(xclDeviceHandle, xclBufferHandle) { return XRT_NULL_BO_EXPORT; }
xclBufferHandle xclImportBO(xclDeviceHandle, xclBufferExportHandle, unsigned) { return XRT_NULL_BO; }

ssize_t xclUnmgdPread(xclDeviceHandle handle, unsigned, void* to, std::size_t bytes, std::uint64_t address) {
  return guarded([&] { return hal(handle).device.copy_from_device(address, to, bytes) ? 0 : -EFAULT; });
}
ssize_t xclUnmgdPwrite(xclDeviceHandle handle, unsigned, const void* from, std::size_t bytes, std::uint64_t address) {
  return guarded([&] { return hal(handle).device.copy_to_device(address, from, bytes) ? 0 : -EFAULT; });
}
std::size_t xclRead(xclDeviceHandle, xclAddressSpace, std::uint64_t, void*, std::size_t) { return 0; }
std::size_t xclWrite(xclDeviceHandle, xclAddressSpace, std::uint64_t, const void*, std::size_t) { return 0; }

}  // extern "C"

// C++ linkage in XRT 2.13.
int xclCloseExportHandle(xclBufferExportHandle) { return 0; }
