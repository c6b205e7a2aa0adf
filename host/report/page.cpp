// SPDX-License-Identifier: Apache-2.0
#include "host/report/page.hpp"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <array>
#include <cstdint>

#include "host/model/markup.hpp"
#include "host/report/assets.hpp"

namespace squat::report {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The source expression that lets this very script run: CSP Level 3, section 2.3.1.
std::string hash_source(std::string_view script) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, script.size(), reinterpret_cast<const std::uint8_t*>(script.data()));
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&context, digest.size(), digest.data());
  std::array<char, BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)> base64{};
  base64_encode_raw(base64.data(), digest.size(), digest.data());
  return "'sha256-" + std::string(base64.begin(), base64.end()) + "'";
}

/// JSON that may stand in a script element: without "<" neither "</script" nor "<!--" can occur (HTML, section 4.12.1.3).
std::string script_json(const nlohmann::json& value) {
  std::string text;
  for (const char c : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string page_of(const nlohmann::json& view) {
  std::string style, scripts, hashes, licences;
  for (const Asset& asset : assets()) {
    if (ends_with(asset.name, ".css")) {
      style.append(asset.bytes);
    } else if (ends_with(asset.name, ".js")) {
      scripts += "<script>" + std::string(asset.bytes) + "</script>\n";
      hashes += " " + hash_source(asset.bytes);
    } else {
      licences.append(asset.bytes);
    }
  }
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src" +
         hashes +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Squat report</title>\n<style>" +
         style +
         "</style>\n</head>\n<body>\n<main id=\"main\"><h1>Squat report</h1>\n"
         "<noscript><p>Tables and charts are drawn by scripts in this file; allow them, or read the JSON at its "
         "end.</p></noscript>\n"
         "</main>\n<footer><details><summary>Licences of the chart library in this file</summary><pre>" +
         model::escape_markup(licences) + "</pre></details></footer>\n<script type=\"application/json\" id=\"data\">" +
         script_json(view) + "</script>\n" + scripts + "</body>\n</html>\n";
}

}  // namespace squat::report
