// SPDX-License-Identifier: Apache-2.0
// One HTML file that holds its data, scripts and style, and loads nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace squat::report {

/// The page of a view (view.hpp). Data stand in it as JSON in which no character ends a script or opens a tag, and scripts put
/// them on the page as text only; a content security policy allows the page's own scripts, by their hashes, and no loading.
/// Bytes that are no UTF-8 become U+FFFD.
std::string page_of(const nlohmann::json& view);

}  // namespace squat::report
