// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/xrt_version.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <regex>

namespace squat::sim {
namespace {

/// "2.13" of "2.13.0" or of "libxrt_coreutil.so.2.13.0"; empty when there is none.
std::string minor_version(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("([0-9]+\\.[0-9]+)\\.[0-9]+$")) ? found[1].str() : "";
}

}  // namespace

std::string library_of(const void* symbol) {
  Dl_info info{};
  if (::dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code failed;
  const std::filesystem::path path = std::filesystem::canonical(info.dli_fname, failed);
  return failed ? info.dli_fname : path.string();
}

std::string xrt_mismatch(const std::string& built, const std::string& path) {
  const std::string found = minor_version(path), needed = minor_version(built);
  if (found.empty() || found == needed) return "";
  return "this emulation library was built for XRT " + needed + ", the program runs with XRT " + found + " (" + path +
         "): build Squat again with that XRT if it is 2.13, else simulate without XRT (--transport direct)";
}

}  // namespace squat::sim
