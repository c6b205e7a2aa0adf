// SPDX-License-Identifier: Apache-2.0
#include "tests/support/system_call_faults.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/support/child_process.hpp"

namespace squat::test {

const char* name_of(Fault fault) {
  constexpr const char* kNames[] = {"none",   "kill -9", "torn write",  "short write",
                                    "ENOSPC", "EIO",     "no exchange", "full disk"};
  return kNames[static_cast<int>(fault)];
}

bool applies(Fault fault, const FileCall& call) {
  switch (fault) {
    case Fault::kTornWrite:
    case Fault::kShortWrite:
      return call.writes;
    case Fault::kNoExchange:
      return call.name == "renameat2";
    case Fault::kFullDisk:
      return call.takes_space;
    default:
      return true;
  }
}

#ifdef __x86_64__
namespace {

constexpr int kSecondsOfChild = 20;

/// Not so for standard error and for pipes, which sanitizers write to.
bool writes_file(pid_t process, unsigned long long descriptor) {
  struct stat info {};
  const std::string link = "/proc/" + std::to_string(process) + "/fd/" + std::to_string(descriptor);
  return descriptor != STDERR_FILENO && ::stat(link.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

std::optional<FileCall> file_call(pid_t process, const user_regs_struct& registers) {
  const bool writes = registers.orig_rax == SYS_write || registers.orig_rax == SYS_pwrite64 || registers.orig_rax == SYS_writev;
  if (writes && !writes_file(process, registers.rdi)) return std::nullopt;
  switch (registers.orig_rax) {
    case SYS_write:
      return FileCall{"write", registers.rdx > 1, true};
    case SYS_pwrite64:
      return FileCall{"pwrite64", registers.rdx > 1, true};
    case SYS_writev:
      return FileCall{"writev", false, true};
    case SYS_open:
      return FileCall{"open", false, (registers.rsi & O_CREAT) != 0};
    case SYS_openat:
      return FileCall{"openat", false, (registers.rdx & O_CREAT) != 0};
#define SQUAT_CALL(name, takes_space) \
  case SYS_##name:                    \
    return FileCall{#name, false, takes_space}
      SQUAT_CALL(creat, true);
      SQUAT_CALL(mkdir, true);
      SQUAT_CALL(mkdirat, true);
      SQUAT_CALL(link, true);
      SQUAT_CALL(symlink, true);
      SQUAT_CALL(ftruncate, true);
      SQUAT_CALL(fallocate, true);
      SQUAT_CALL(fsync, true);
      SQUAT_CALL(fdatasync, true);
      SQUAT_CALL(read, false);
      SQUAT_CALL(pread64, false);
      SQUAT_CALL(readv, false);
      SQUAT_CALL(close, false);
      SQUAT_CALL(lseek, false);
      SQUAT_CALL(fcntl, false);
      SQUAT_CALL(flock, false);
      SQUAT_CALL(rename, false);
      SQUAT_CALL(renameat, false);
      SQUAT_CALL(renameat2, false);
      SQUAT_CALL(unlink, false);
      SQUAT_CALL(unlinkat, false);
      SQUAT_CALL(rmdir, false);
      SQUAT_CALL(chmod, false);
      SQUAT_CALL(fchmod, false);
      SQUAT_CALL(fchmodat, false);
      SQUAT_CALL(stat, false);
      SQUAT_CALL(lstat, false);
      SQUAT_CALL(fstat, false);
      SQUAT_CALL(newfstatat, false);
      SQUAT_CALL(statx, false);
      SQUAT_CALL(access, false);
      SQUAT_CALL(faccessat, false);
      SQUAT_CALL(readlink, false);
      SQUAT_CALL(getdents64, false);
      SQUAT_CALL(getcwd, false);
#undef SQUAT_CALL
    default:
      return std::nullopt;
  }
}

int errno_of(Fault fault) { return fault == Fault::kIoError ? EIO : fault == Fault::kNoExchange ? EINVAL : ENOSPC; }

[[noreturn]] void child(const std::function<void()>& work, int said) {
  ::dup2(said, STDERR_FILENO);
  ::alarm(kSecondsOfChild);
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(98);
  ::raise(SIGSTOP);  // from here on the parent counts
  work_and_exit(work);
}

/// Follows the child from one system call to the next.
class Tracer {
 public:
  Tracer(pid_t child, Fault fault, std::size_t at) : child_(child), fault_(fault), at_(at) {}

  FaultyRun follow() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    if (WIFSTOPPED(status)) ::ptrace(PTRACE_SETOPTIONS, child_, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int deliver = 0;
    bool inside = false;
    while (WIFSTOPPED(status)) {
      if (::ptrace(PTRACE_SYSCALL, child_, nullptr, deliver) != 0 && errno != ESRCH) throw std::runtime_error("cannot trace");
      if (::waitpid(child_, &status, 0) < 0) throw std::runtime_error("the child is lost");
      if (!WIFSTOPPED(status)) break;
      deliver = 0;
      if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
        deliver = WSTOPSIG(status);
        continue;
      }
      inside = !inside;
      inside ? enter() : leave();
    }
    run_.code = exit_code(status);
    return run_;
  }

 private:
  void enter() {
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
    const std::optional<FileCall> call = file_call(child_, registers);
    here_ = false;
    if (!call) return;
    const std::size_t number = run_.calls.size();
    run_.calls.push_back(*call);
    here_ = applies(fault_, *call) && (fault_ == Fault::kFullDisk ? number >= at_ : number == at_);
    if (!here_) return;
    if (fault_ == Fault::kKill) {
      ::kill(child_, SIGKILL);
    } else if (fault_ == Fault::kTornWrite || fault_ == Fault::kShortWrite) {
      registers.rdx /= 2;
    } else if (fault_ != Fault::kNone) {
      registers.orig_rax = static_cast<unsigned long long>(-1);  // no such call: nothing happens
    }
    ::ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
  }

  void leave() {
    if (!here_ || fault_ == Fault::kNone || fault_ == Fault::kShortWrite) return;
    if (fault_ == Fault::kTornWrite) {
      ::kill(child_, SIGKILL);
      return;
    }
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
    registers.rax = static_cast<unsigned long long>(-errno_of(fault_));
    ::ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
  }

  pid_t child_;
  Fault fault_;
  std::size_t at_;
  bool here_ = false;  ///< the call in flight is disturbed
  FaultyRun run_;
};

}  // namespace

FaultyRun run_with_fault(const std::function<void()>& work, Fault fault, std::size_t at) {
  const int said = ::memfd_create("said", MFD_CLOEXEC);
  const pid_t process = said < 0 ? -1 : ::fork();
  if (process < 0) throw std::runtime_error("no process for the work");
  if (process == 0) child(work, said);
  FaultyRun run = Tracer(process, fault, at).follow();
  char text[4096];
  const ssize_t bytes = ::pread(said, text, sizeof text, 0);
  ::close(said);
  run.said.assign(text, static_cast<std::size_t>(bytes < 0 ? 0 : bytes));
  return run;
}

bool can_fault_system_calls() {
  const FaultyRun run = run_with_fault([] { ::close(::dup(STDERR_FILENO)); }, Fault::kNone, 0);
  const bool can = run.code == 0 && run.calls.size() == 1;
  if (!can) std::cerr << "skipped: a process may not trace its children here\n";
  return can;
}

#else

FaultyRun run_with_fault(const std::function<void()>&, Fault, std::size_t) {
  throw std::runtime_error("system calls are disturbed on x86-64 only");
}
bool can_fault_system_calls() {
  std::cerr << "skipped: system calls are disturbed on x86-64 only\n";
  return false;
}

#endif

}  // namespace squat::test
