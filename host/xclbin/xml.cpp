// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/xml.hpp"

#include <expat.h>

#include <charconv>
#include <memory>

namespace squat::xclbin {
namespace {

constexpr std::size_t kMaxDepth = 32, kMaxElements = 100000;

/// Expat calls back through C, so nothing may be thrown in here: the first complaint is kept and parsing stopped.
class Builder {
 public:
  explicit Builder(XML_Parser parser) : parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &start, &end);
    XML_SetStartDoctypeDeclHandler(parser, &doctype);
  }

  Element root;
  std::string problem;
  std::size_t problem_at = 0;

 private:
  static void start(void* user, const XML_Char* name, const XML_Char** attributes) noexcept {
    auto& self = *static_cast<Builder*>(user);
    if (self.open_.size() >= kMaxDepth) return self.stop("elements nested deeper than " + std::to_string(kMaxDepth));
    if (++self.count_ > kMaxElements) return self.stop("more than " + std::to_string(kMaxElements) + " elements");
    Element element;
    element.name = name;
    element.at = self.position();
    for (; *attributes != nullptr; attributes += 2) element.attributes.emplace_back(attributes[0], attributes[1]);
    if (self.open_.empty()) {
      self.root = std::move(element);
      self.open_.push_back(&self.root);
      return;
    }
    // Only the innermost open element grows, so the pointers to the others stay good.
    self.open_.back()->children.push_back(std::move(element));
    self.open_.push_back(&self.open_.back()->children.back());
  }
  static void end(void* user, const XML_Char*) noexcept {
    auto& open = static_cast<Builder*>(user)->open_;
    if (!open.empty()) open.pop_back();
  }
  static void doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) noexcept {
    static_cast<Builder*>(user)->stop("a document type declaration");
  }

  std::size_t position() const {
    const XML_Index at = XML_GetCurrentByteIndex(parser_);
    return at > 0 ? static_cast<std::size_t>(at) : 0;
  }
  void stop(const std::string& what) {
    if (!problem.empty()) return;
    problem = what;
    problem_at = position();
    XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_;
  std::vector<Element*> open_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<const Element*> Element::all(const std::string& child) const {
  std::vector<const Element*> found;
  for (const Element& element : children) {
    if (element.name == child) found.push_back(&element);
  }
  return found;
}

const std::string* Element::find(const std::string& wanted) const {
  for (const auto& [key, value] : attributes) {
    if (key == wanted) return &value;
  }
  return nullptr;
}

Element read_xml(const Part& part) {
  std::size_t size = part.bytes().size();
  while (size > 0 && part.bytes()[size - 1] == '\0') --size;
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), &XML_ParserFree);
  if (parser == nullptr) throw std::bad_alloc();
  Builder builder(parser.get());
  // Sections are at most 16 MiB, so their size fits an int.
  const XML_Status status = XML_Parse(parser.get(), part.bytes().data(), static_cast<int>(size), XML_TRUE);
  if (!builder.problem.empty()) part.refuse(builder.problem_at, "XML", "plain elements", builder.problem);
  if (status != XML_STATUS_OK) {
    const XML_Index at = XML_GetCurrentByteIndex(parser.get());
    part.refuse(at > 0 ? static_cast<std::size_t>(at) : 0, "XML", "well-formed XML",
                XML_ErrorString(XML_GetErrorCode(parser.get())));
  }
  return std::move(builder.root);
}

const std::string& attribute(const Part& part, const Element& element, const std::string& name) {
  const std::string* value = element.find(name);
  if (value == nullptr) part.refuse(element.at, "element '" + element.name + "'", "the attribute '" + name + "'", "none");
  return *value;
}

std::uint64_t number_attribute(const Part& part, const Element& element, const std::string& name, std::uint64_t largest) {
  const std::string& text = attribute(part, element, name);
  const bool hex = text.rfind("0x", 0) == 0 || text.rfind("0X", 0) == 0;
  const char *first = text.data() + (hex ? 2 : 0), *last = text.data() + text.size();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value, hex ? 16 : 10);
  if (error != std::errc() || end != last || first == last || value > largest)
    part.refuse(element.at, "element '" + element.name + "', " + name, "a number of at most " + std::to_string(largest),
                "'" + text + "'");
  return value;
}

}  // namespace squat::xclbin
