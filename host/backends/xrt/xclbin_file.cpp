// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/xclbin_file.hpp"

#include <xrt/xclbin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "host/model/error.hpp"

namespace squat::backends {
namespace {

constexpr std::size_t kFirstSection = offsetof(axlf, m_sections);

[[noreturn]] void refuse(const std::string& path, const std::string& expected, const std::string& found) {
  throw input_error(path + ": expected " + expected + ", found " + found + "; give --xclbin a complete device program");
}

template <class T>
bool read(std::ifstream& file, T* value, std::size_t bytes) {
  return static_cast<bool>(file.read(reinterpret_cast<char*>(value), static_cast<std::streamsize>(bytes)));
}

}  // namespace

void check_xclbin(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status)) refuse(path, "an xclbin file", "nothing");
  if (!fs::is_regular_file(status))
    refuse(path, "an xclbin file", fs::is_directory(status) ? "a directory" : "no regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "a readable file", "one that cannot be opened");
  const std::uint64_t size = fs::file_size(path, failed);

  axlf header{};
  const std::string shortest = "at least " + std::to_string(kFirstSection) + " bytes of header";
  if (failed || size < kFirstSection) refuse(path, shortest, std::to_string(failed ? 0 : size));
  if (!read(file, &header, kFirstSection)) refuse(path, shortest, "fewer");
  if (std::memcmp(header.m_magic, "xclbin2", 8) != 0) refuse(path, "'xclbin2' at byte 0", "something else");
  // A signature may follow.
  if (header.m_header.m_length > size) {
    refuse(path, std::to_string(header.m_header.m_length) + " bytes as its header says", std::to_string(size));
  }
  for (std::uint32_t i = 0; i < header.m_header.m_numSections; ++i) {
    axlf_section_header section{};
    const std::string name = "section " + std::to_string(i);
    if (!read(file, &section, sizeof section))
      refuse(path, name + " of " + std::to_string(header.m_header.m_numSections), "the end");
    if (section.m_sectionOffset > size || section.m_sectionSize > size - section.m_sectionOffset) {
      refuse(path, name + " within the file's " + std::to_string(size) + " bytes",
             std::to_string(section.m_sectionSize) + " bytes at byte " + std::to_string(section.m_sectionOffset));
    }
  }
}

}  // namespace squat::backends
