#include "parse/pattern.hpp"

#include <simdjson.h>

#include <utility>

namespace towld {
namespace {

std::unique_ptr<const RE2> make(const std::string& pattern, RE2::Options::Encoding encoding) {
  RE2::Options options(RE2::Quiet);
  options.set_encoding(encoding);
  options.set_max_mem(kMaxPatternMemory);
  return std::make_unique<const RE2>(pattern, options);
}

}  // namespace

towl::Result<Pattern> Pattern::compile(const std::string& pattern, const std::string& place) {
  if (pattern.size() > kMaxPatternBytes) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "the regular expression is too long: at most " + std::to_string(kMaxPatternBytes) + " bytes",
                      place);
  }
  auto utf8 = make(pattern, RE2::Options::EncodingUTF8);
  if (!utf8->ok()) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "the regular expression \"" + pattern + "\" cannot be used: " + utf8->error() +
                          " (syntax: RE2's, without back-references and look-around)",
                      place);
  }
  // The same pattern by bytes; if that is none, the first one stands for it and fails on what is not UTF-8.
  auto latin1 = make(pattern, RE2::Options::EncodingLatin1);
  if (!latin1->ok()) latin1 = nullptr;
  return Pattern(std::move(utf8), std::move(latin1));
}

const RE2& Pattern::for_text(std::string_view text) const {
  return latin1_ == nullptr || simdjson::validate_utf8(text.data(), text.size()) ? *utf8_ : *latin1_;
}

bool Pattern::match(std::string_view text, std::span<re2::StringPiece> groups) const {
  return for_text(text).Match(text, 0, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()));
}

int Pattern::replace(std::string& text, const std::string& replacement) const {
  const RE2& re2 = for_text(text);
  if (!re2.Match(text, 0, text.size(), RE2::UNANCHORED, nullptr, 0)) return 0;
  return RE2::GlobalReplace(&text, re2, replacement);
}

}  // namespace towld
