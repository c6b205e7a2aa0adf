// SPDX-License-Identifier: Apache-2.0
// Continues a text with a model on a device: the text as it comes on standard output, ids and speed on standard error.
// Usage: squat_continue MODEL TEXT [TOKENS [DEVICE]]
#include <cstdlib>
#include <iostream>
#include <squat/engine.hpp>
#include <squat/error.hpp>
#include <squat/model.hpp>
#include <squat/version.hpp>
#include <string>

namespace {

int continue_text(const std::string& directory, const std::string& text, const squat::GenerateOptions& how,
                  const squat::EngineOptions& where) {
  const squat::Model model = squat::Model::open(directory);
  squat::Engine engine(model, where);
  std::cerr << "squat " << squat::version() << ": " << model.config().architecture << " with " << model.config().layers
            << " layers and " << model.config().weight_bits << "-bit weights on " << engine.device() << '\n';

  const squat::Generated made = engine.generate_text(text, how, [](const squat::Token& token) {
    std::cout << token.text << std::flush;
    return static_cast<bool>(std::cout);  // nobody listens any more: stop
  });
  std::cout << '\n';

  std::cerr << "ids";
  for (const int id : made.ids) std::cerr << ' ' << id;
  std::cerr << "\nfirst token after " << made.prompt_ms << " ms";
  const auto decoded = static_cast<double>(made.ids.size() - 1);
  if (decoded > 0) std::cerr << ", then " << 1e3 * decoded / made.decode_ms << " tokens/s";
  std::cerr << " (" << engine.time_source() << ")\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::cerr << "usage: squat_continue MODEL TEXT [TOKENS [DEVICE]]\n";
    return static_cast<int>(squat::ExitCode::kUsage);
  }
  int code = 0;
  try {
    squat::GenerateOptions how;
    if (argc > 3) how.tokens = std::atoi(argv[3]);
    squat::EngineOptions where;
    if (argc > 4) where.device = argv[4];
    code = continue_text(argv[1], argv[2], how, where);
  } catch (const squat::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    code = static_cast<int>(error.code());
  }
  if (squat::Engine::driver_left_behind()) std::_Exit(code);
  return code;
}
