// SPDX-License-Identifier: Apache-2.0
// A host program as for a board: XRT's API and nothing else. host XCLBIN [devices]: adds vectors on every unit of every device,
// overlapping, several times; then asks one unit for more than the memory has. Exit code 0 when all is as it must be.
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

// Whole pages: XRT 2.13 passes the size as it is to aligned_alloc(4096), which AddressSanitizer refuses for any other.
constexpr std::uint32_t kWords = 512;
constexpr std::size_t kBytes = kWords * 16;

/// One sum, prepared so that it can be started together with others.
struct Job {
  Job(const xrt::device& device, xrt::kernel& kernel, std::uint32_t seed)
      : a(device, kBytes, static_cast<xrt::memory_group>(kernel.group_id(0))),
        b(device, kBytes, static_cast<xrt::memory_group>(kernel.group_id(1))),
        sum(device, kBytes, static_cast<xrt::memory_group>(kernel.group_id(2))),
        run(kernel) {
    auto* first = a.map<std::uint32_t*>();
    auto* second = b.map<std::uint32_t*>();
    for (std::uint32_t i = 0; i < kWords * 4; ++i) {
      first[i] = (i + 1) * seed;
      second[i] = ~i * 3;
    }
    a.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    b.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    run.set_arg(0, a);
    run.set_arg(1, b);
    run.set_arg(2, sum);
    run.set_arg(3, kWords);
  }

  bool finish() {
    if (run.wait(std::chrono::milliseconds(60000)) != ERT_CMD_STATE_COMPLETED) return false;
    sum.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    const auto* first = a.map<std::uint32_t*>();
    const auto* second = b.map<std::uint32_t*>();
    const auto* result = sum.map<std::uint32_t*>();
    for (std::uint32_t i = 0; i < kWords * 4; ++i) {
      if (result[i] != first[i] + second[i]) return false;
    }
    return true;
  }

  xrt::bo a, b, sum;
  xrt::run run;
};

bool use(unsigned index, const std::string& path) {
  xrt::device device(index);
  const auto uuid = device.load_xclbin(path);
  xrt::kernel any(device, uuid, "vector_add"), second(device, uuid, "vector_add:{vector_add_2}");
  if (any.group_id(0) != 0 || any.group_id(1) != 1) return false;  // the banks of the file
  std::vector<Job> jobs;
  for (std::uint32_t seed = 1; seed <= 5; ++seed) jobs.emplace_back(device, any, seed + 10 * index);
  jobs.emplace_back(device, second, 99);
  for (int round = 0; round < 2; ++round) {
    for (Job& job : jobs) job.run.start();
    for (Job& job : jobs) {
      if (!job.finish()) return false;
    }
  }
  // More words than the bank has: the run must fail, and the unit must work afterwards.
  Job& wild = jobs.back();
  wild.run.set_arg(3, std::uint32_t{1} << 20);
  wild.run.start();
  if (wild.run.wait(std::chrono::milliseconds(60000)) != ERT_CMD_STATE_ERROR) return false;
  wild.run.set_arg(3, kWords);
  wild.run.start();
  return wild.finish();
}

}  // namespace

int main(int argc, char** argv) try {
  const unsigned devices = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  for (unsigned index = 0; index < devices; ++index) {
    if (use(index, argv[1])) continue;
    std::cout << "device " << index << ": a wrong sum or a run that did not end as it must\n";
    return 1;
  }
  return 0;
} catch (const std::exception& e) {
  std::cerr << "error: " << e.what() << '\n';
  return 2;
}
