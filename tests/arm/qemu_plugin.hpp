// SPDX-License-Identifier: Apache-2.0
// The part of QEMU's plug-in interface, version 1, that instruction_count.cpp uses: Debian 12 installs no header for it.
// docs: https://www.qemu.org/docs/master/devel/tcg-plugins.html
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

/// Calls back when a block of guest code is translated.
void qemu_plugin_register_vcpu_tb_trans_cb(std::uint64_t id, void (*callback)(std::uint64_t id, qemu_plugin_tb* block));
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
/// The symbol of the function an instruction belongs to, or nullptr.
const char* qemu_plugin_insn_symbol(const qemu_plugin_insn* instruction);
/// Its address, and its bytes.
std::uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* instruction);
const void* qemu_plugin_insn_data(const qemu_plugin_insn* instruction);
/// Adds `value` to *counter each time the instruction is executed.
void qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_insn* instruction, qemu_plugin_op operation, void* counter,
                                                std::uint64_t value);
void qemu_plugin_register_atexit_cb(std::uint64_t id, void (*callback)(std::uint64_t id, void* data), void* data);
}
