// Parameters reads a URL's query strictly: an unknown name or a wrong value is an error that says so.
//
// The first error is kept; after it, all reads leave their targets as they are.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/record/level.hpp"
#include "towl/time.hpp"

namespace towld {

class Parameters {
 public:
  explicit Parameters(std::string_view query);

  /// nullptr if it is not there, or empty.
  const std::string* text(const std::string& name);

  void number(const std::string& name, std::uint64_t& target, std::uint64_t least = 0,
              std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

  /// A time as towlctl's -S takes it: towl/record/time_expression.hpp.
  void time(const std::string& name, std::optional<towl::Timestamp>& target);

  /// A level and what is worse, or a range of them, as towlctl's -p takes it.
  void levels(const std::string& name, std::optional<towl::LevelRange>& target);

  /// Keeps the first.
  void complain(std::string what);

  /// To be called after all names were asked for: the error, if there is one.
  std::optional<std::string> finish();

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> known_;
  std::optional<std::string> error_;
};

}  // namespace towld
