// SPDX-License-Identifier: Apache-2.0
// Text inside XML and HTML.
#pragma once

#include <string>

namespace squat::model {

/// The text with & < > " ' as references, for content and for attributes in either quotes.
std::string escape_markup(const std::string& text);

}  // namespace squat::model
