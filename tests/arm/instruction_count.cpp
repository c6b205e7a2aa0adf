// SPDX-License-Identifier: Apache-2.0
// QEMU plug-in: how often every guest instruction was executed, as lines "ADDRESS COUNT WORD SYMBOL" (address and instruction
// word in hexadecimal) in the file given by out=FILE. Exact and the same in every run, whatever the machine. One guest thread.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "tests/arm/qemu_plugin.hpp"

namespace {

struct Executed {
  std::uint64_t count = 0;
  std::uint32_t word = 0;
  std::string symbol;
};

std::FILE* out = nullptr;
std::map<std::uint64_t, Executed> instructions;  // by address; nodes stay where they are, as the generated code needs

void translate(std::uint64_t, qemu_plugin_tb* block) {
  const std::size_t n = qemu_plugin_tb_n_insns(block);
  for (std::size_t i = 0; i < n; ++i) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    Executed& executed = instructions[qemu_plugin_insn_vaddr(instruction)];
    const char* symbol = qemu_plugin_insn_symbol(instruction);
    std::memcpy(&executed.word, qemu_plugin_insn_data(instruction), sizeof executed.word);
    executed.symbol = symbol == nullptr ? "?" : symbol;
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &executed.count, 1);
  }
}

void finish(std::uint64_t, void*) {
  for (const auto& [address, executed] : instructions) {
    if (executed.count == 0) continue;
    std::fprintf(out, "%llx %llu %08x %s\n", static_cast<unsigned long long>(address),
                 static_cast<unsigned long long>(executed.count), executed.word, executed.symbol.c_str());
  }
  std::fclose(out);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(std::uint64_t id, const qemu_info_t*, int argc, char** argv) {
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], "out=", 4) == 0) out = std::fopen(argv[i] + 4, "w");
  }
  if (out == nullptr) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, finish, nullptr);
  return 0;
}

}  // extern "C"
