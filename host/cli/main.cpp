// SPDX-License-Identifier: Apache-2.0
// squat: the one place where errors become messages and exit codes.
#include <iostream>
#include <new>

#include "host/cli/command.hpp"
#include "host/cli/version.hpp"

namespace {

using squat::ExitCode;

int fail(ExitCode code, const std::string& text) {
  std::cerr << "error: " << text << '\n';
  return static_cast<int>(code);
}

int run(int argc, char** argv) {
  squat::cli::Cli cli;
  CLI::App app("Quantised small language models, integers only at inference, bit-identical on CPU and FPGA.", "squat");
  app.set_version_flag("--version", squat::cli::version_text());
  app.require_subcommand(1);
  app.footer(
      "Run 'squat COMMAND --help' for options, units, defaults and an example.\n"
      "Exit codes: 0 ok, 1 a check failed, 2 usage, 3 bad input file, 4 device or tool not available,\n"
      "5 device hung or failed, 6 internal error.");
  squat::cli::add_common_options(app, cli.common);
#ifdef SQUAT_HAVE_TRAINER
  squat::cli::add_train(app, cli);
  squat::cli::add_qat(app, cli);
#endif
  squat::cli::add_quantize(app, cli);
  squat::cli::add_generate(app, cli);
  squat::cli::add_eval(app, cli);
  squat::cli::add_bench(app, cli);
  squat::cli::add_compare(app, cli);
  squat::cli::add_verify(app, cli);
  squat::cli::add_inspect(app, cli);
  squat::cli::add_doctor(app, cli);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr);  // --help and --version
    return fail(ExitCode::kUsage, std::string(error.what()) + "; see squat --help");
  }
  return static_cast<int>(cli.action());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const squat::Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kInternal, "out of memory");
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, std::string("internal: ") + error.what());
  }
}
