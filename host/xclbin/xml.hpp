// SPDX-License-Identifier: Apache-2.0
// A small tree of the XML in an xclbin, read by Expat.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "host/xclbin/part.hpp"

namespace squat::xclbin {

struct Element {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Element> children;
  std::size_t at = 0;  ///< of its start tag, within the part

  std::vector<const Element*> all(const std::string& child) const;
  /// Null when the attribute is not there.
  const std::string* find(const std::string& wanted) const;
};

/// Throws input_error with the byte offset for malformed XML, a document type declaration (entities), elements nested deeper
/// than 32 and more than 100,000 elements. Zeros after the document are ignored.
Element read_xml(const Part& part);

/// An attribute that must be there.
const std::string& attribute(const Part& part, const Element& element, const std::string& name);
/// Decimal, or hexadecimal after 0x; at most `largest`.
std::uint64_t number_attribute(const Part& part, const Element& element, const std::string& name, std::uint64_t largest);

}  // namespace squat::xclbin
