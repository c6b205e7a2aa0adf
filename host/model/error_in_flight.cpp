// SPDX-License-Identifier: Apache-2.0
#include "host/model/error_in_flight.hpp"

#include <filesystem>
#include <new>

namespace squat {

Error error_in_flight() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::filesystem::filesystem_error& error) {
    return input_error(error.path1().string() + ": " + error.code().message() + "; check the path and its permissions");
  } catch (const std::bad_alloc&) {
    return Error(ExitCode::kInternal, "out of memory");
  } catch (const std::exception& error) {
    return Error(ExitCode::kInternal, std::string("internal: ") + error.what());
  } catch (...) {
    return Error(ExitCode::kInternal, "internal: something that is no exception was thrown");
  }
}

}  // namespace squat
