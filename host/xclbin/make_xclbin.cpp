// SPDX-License-Identifier: Apache-2.0
// squat_make_xclbin RECIPE.json OUT.xclbin: the build step that writes the simulated device's xclbin. Its UUID is the start of
// the SHA-256 of the file without one, so the same sources give the same bytes and other sources another UUID.
#include <nettle/sha2.h>

#include <cstdint>
#include <iostream>

#include "host/model/error.hpp"
#include "host/model/output_file.hpp"
#include "host/xclbin/recipe.hpp"
#include "host/xclbin/writer.hpp"

int main(int argc, char** argv) {
  using namespace squat;
  if (argc != 3) {
    std::cerr << "usage: squat_make_xclbin RECIPE.json OUT.xclbin\n";
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    xclbin::Xclbin x = xclbin::from_recipe(argv[1]);
    const std::string anonymous = xclbin::write_xclbin(x);
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, anonymous.size(), reinterpret_cast<const std::uint8_t*>(anonymous.data()));
    sha256_digest(&context, x.uuid.size(), x.uuid.data());  // the first bytes of it
    model::write_text_file(argv[2], xclbin::write_xclbin(x));
    return static_cast<int>(ExitCode::kOk);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return static_cast<int>(error.code());
  }
}
