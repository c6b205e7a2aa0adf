// SPDX-License-Identifier: Apache-2.0
// Pages of 2 MiB for memory that is about to be filled: giving it out in pages of 4 KiB takes the kernel five times as long.
#pragma once

#include <sys/mman.h>

#include <cstddef>

namespace squat::model {

/// Asks for large pages where [at, at + bytes) has none yet; `at` lies at a page. A wish: without it the memory is as good.
inline void want_large_pages(void* at, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  ::madvise(at, bytes, MADV_HUGEPAGE);
#else
  (void)at, (void)bytes;
#endif
}

}  // namespace squat::model
