// LazyExpression is a regular expression that is compiled when a text first needs it. The boundaries of -w with the
// letters of all scripts take milliseconds to compile, and most searches of sealed files never look at a text.
//
// Threads: any.
#pragma once

#include <re2/re2.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace towl::detail {

class LazyExpression {
 public:
  LazyExpression(std::string pattern, const RE2::Options& options) : pattern_(std::move(pattern)), options_(options) {}

  /// The first call compiles it. If it is not ok(), it matches nothing: check ok() unless it is known to compile.
  const RE2& get() const {
    std::call_once(once_, [this] { compiled_.emplace(pattern_, options_); });
    return *compiled_;
  }

 private:
  std::string pattern_;
  RE2::Options options_;
  mutable std::once_flag once_;
  mutable std::optional<RE2> compiled_;
};

}  // namespace towl::detail
