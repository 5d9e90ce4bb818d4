// Pattern is a regular expression that runs in linear time (RE2), over texts of any bytes.
//
// Texts that are not UTF-8 are matched byte by byte: in UTF-8 a pattern's `.` would not match them.
// Threads: any; it does not change.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

class Pattern {
 public:
  /// `place` is named in errors.
  static towl::Result<Pattern> compile(const std::string& pattern, const std::string& place);

  bool matches(std::string_view text) const { return match(text, {}); }

  /// Looks for the pattern anywhere in `text`; `groups` gets the whole match and then its groups, with a null data()
  /// for one that took no part.
  bool match(std::string_view text, std::span<re2::StringPiece> groups) const;

  /// Replaces every match in `text` by `replacement`, whose \0 to \9 are the match and its groups. How many.
  int replace(std::string& text, const std::string& replacement) const;

  const RE2& re2() const { return *utf8_; }

 private:
  Pattern(std::unique_ptr<const RE2> utf8, std::unique_ptr<const RE2> latin1)
      : utf8_(std::move(utf8)), latin1_(std::move(latin1)) {}

  const RE2& for_text(std::string_view text) const;

  std::unique_ptr<const RE2> utf8_;
  std::unique_ptr<const RE2> latin1_;
};

}  // namespace towld
