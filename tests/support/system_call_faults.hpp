// SPDX-License-Identifier: Apache-2.0
// Work in a child process one of whose file system calls does not do what it should.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace squat::test {

enum class Fault {
  kNone,
  kKill,        ///< SIGKILL instead of the call
  kTornWrite,   ///< half of what a write was given is written, then SIGKILL
  kShortWrite,  ///< a write writes half and says so
  kNoSpace,     ///< ENOSPC
  kIoError,     ///< EIO
  kNoExchange,  ///< EINVAL from renameat2, as of a file system that exchanges no names
  kFullDisk,    ///< ENOSPC, and from then on from every call that takes space
};
const char* name_of(Fault fault);

/// One file system call of the child.
struct FileCall {
  std::string name;
  bool writes = false;       ///< write, pwrite64: kTornWrite and kShortWrite apply
  bool takes_space = false;  ///< kFullDisk applies from here on
};
/// Whether the fault means anything at such a call.
bool applies(Fault fault, const FileCall& call);

struct FaultyRun {
  int code = 0;                 ///< exit code (of the Error that left the work, 99 for other exceptions), or minus the signal
  std::string said;             ///< on standard error
  std::vector<FileCall> calls;  ///< in their order, up to the end
};

/// False, with a message, where a process may not trace its children, and on processors other than x86-64.
bool can_fault_system_calls();

/// Runs `work` in a forked child and disturbs its file system call number `at`, from 0, between the beginning and the end of
/// `work`. Calls on standard error do not count. The child is given 20 seconds.
FaultyRun run_with_fault(const std::function<void()>& work, Fault fault, std::size_t at);

}  // namespace squat::test
