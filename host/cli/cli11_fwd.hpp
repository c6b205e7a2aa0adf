// SPDX-License-Identifier: Apache-2.0
// The names of CLI11 that declarations need. Its header takes seconds to compile; only files that define options include it.
#pragma once

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI
