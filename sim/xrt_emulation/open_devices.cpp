// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/open_devices.hpp"

#include <ert.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace squat::sim {
namespace {

void report(const HalDevice& device, const char* how) {
  const char* path = std::getenv("SQUAT_SIM_REPORT");
  if (path == nullptr || *path == 0) return;
  std::FILE* file = std::fopen(path, "a");
  if (file == nullptr) {
    std::fprintf(stderr, "squat simulation: ERROR: SQUAT_SIM_REPORT=%s cannot be written\n", path);
    return;
  }
  std::fprintf(file, "device %u %s: %zu buffers, %zu contexts alive; %.3f s in the device\n", device.device.index(), how,
               device.device.buffers().data_count(), device.device.open_contexts(), device.device.device_seconds());
  std::fclose(file);
}

/// Reports what is still open when the process ends.
class OpenDevices {
 public:
  ~OpenDevices() {
    for (const HalDevice* device : open_) report(*device, "left open");
  }

  void add(HalDevice& device) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.push_back(&device);
  }
  void remove(HalDevice& device) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_.erase(std::remove(open_.begin(), open_.end(), &device), open_.end());
  }
  HalDevice* find(unsigned index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found =
        std::find_if(open_.rbegin(), open_.rend(), [index](const HalDevice* d) { return d->device.index() == index; });
    return found == open_.rend() ? nullptr : *found;
  }

 private:
  std::mutex mutex_;
  std::vector<HalDevice*> open_;
};

OpenDevices& devices() {
  static OpenDevices list;
  return list;
}

}  // namespace

void note_opened(HalDevice& device) { devices().add(device); }

void note_closed(HalDevice& device) {
  devices().remove(device);
  report(device, "closed");
}

HalDevice* open_device(unsigned index) { return devices().find(index); }

bool is_abort(HalDevice& device, unsigned command) {
  const auto packet = device.device.buffers().find(command);
  return packet && packet->size >= sizeof(ert_packet) && reinterpret_cast<const ert_packet*>(packet->host)->opcode == ERT_ABORT;
}

}  // namespace squat::sim
