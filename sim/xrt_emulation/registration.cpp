// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/registration.hpp"

#include <cstdint>

namespace xrt_core {
namespace query {
enum class key_type;
}
std::shared_ptr<device> get_userpf_device(void* handle, unsigned int id);
}  // namespace xrt_core

// A member function of a class whose header is not packaged: xrt_core::device::register_axlf(const axlf*).
extern "C" void _ZN8xrt_core6device13register_axlfEPK4axlf(xrt_core::device*, const axlf*);

// The registration objects ask the distribution's own simulator for these two; this one does not have them.
namespace xclhwemhal2 {
class HwEmShim {
 public:
  static HwEmShim* handleCheck(void* handle);
  std::uint32_t deviceQuery(xrt_core::query::key_type key);
};
HwEmShim* HwEmShim::handleCheck(void*) { return nullptr; }
std::uint32_t HwEmShim::deviceQuery(xrt_core::query::key_type) { return 0; }
}  // namespace xclhwemhal2

namespace squat::sim {

std::shared_ptr<xrt_core::device> core_device(void* handle, unsigned index) {
  return xrt_core::get_userpf_device(handle, index);
}

void register_xclbin(xrt_core::device& device, const axlf* top) { _ZN8xrt_core6device13register_axlfEPK4axlf(&device, top); }

const void* coreutil_symbol() { return reinterpret_cast<const void*>(&_ZN8xrt_core6device13register_axlfEPK4axlf); }

}  // namespace squat::sim
