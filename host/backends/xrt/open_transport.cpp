// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/open_transport.hpp"

#include <dlfcn.h>

#include "host/backends/xrt/guarded_transport.hpp"
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/backends/xrt/run_control.hpp"
#include "host/model/error.hpp"

namespace squat::backends {
namespace {

Error unavailable(const std::string& what) { return Error(ExitCode::kDeviceUnavailable, what); }

void* symbol(void* library, const std::string& path, const char* name) {
  void* address = ::dlsym(library, name);
  if (address == nullptr) throw unavailable(path + ": no symbol " + name + ": not a plug-in of this program");
  return address;
}

/// The plug-in stays loaded: XRT keeps threads and static objects that do not survive being unloaded.
PluginOpenFunction* load_plugin(const std::string& root) {
  const std::string path = root + "/lib/" + kPluginFile;
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    throw unavailable("cannot load the XRT plug-in: " + std::string(reason != nullptr ? reason : path) +
                      "; install XRT (Debian: apt-get install libxrt-dev uuid-dev) and build again, or use --device cpu");
  }
  const auto version = reinterpret_cast<PluginInterfaceFunction*>(symbol(library, path, kPluginInterfaceSymbol))();
  if (version != kPluginInterface) {
    throw unavailable(path + ": interface " + std::to_string(version) + ", this program needs " +
                      std::to_string(kPluginInterface) + ": build or install both from one version");
  }
  return reinterpret_cast<PluginOpenFunction*>(symbol(library, path, kPluginOpenSymbol));
}

}  // namespace

std::function<std::unique_ptr<Transport>()> prepare_transport(TransportKind kind, TransportOptions options) {
  if (kind == TransportKind::kSimDirect) {
    if (!options.direct)
      throw unavailable("this program was built without the simulated device (it needs Verilator 5.006 or later)");
  } else {
    if (options.root.empty()) options.root = default_root();
    if (kind == TransportKind::kSimXrt) {
      const std::string xclbin = prepare_simulation_environment(options.root, options.simulation);
      if (options.xclbin.empty()) options.xclbin = xclbin;
    } else if (options.xclbin.empty()) {
      throw unavailable("no device program: name the xclbin of the accelerator for this board (see bitstreams/)");
    }
  }
  return [kind, options] {
    std::unique_ptr<Transport> transport;
    if (kind == TransportKind::kSimDirect) {
      transport = options.direct(options);
    } else {
      PluginOpenFunction* open = load_plugin(options.root);
      transport = open_guarded([open, options, kind] { return std::unique_ptr<Transport>(open(options, kind)); }, options);
    }
    if (options.check_identity) check_identity(*transport);
    return transport;
  };
}

std::unique_ptr<Transport> open_transport(TransportKind kind, const TransportOptions& options) {
  return prepare_transport(kind, options)();
}

}  // namespace squat::backends
