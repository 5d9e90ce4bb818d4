// ExportReader reads the Journal Export Format (https://systemd.io/JOURNAL_EXPORT_FORMATS/): fields as NAME=VALUE
// lines, or NAME, a newline, a length of 64 bits and that many bytes; an empty line ends an entry.
//
// Hostile bytes: a length is checked against what is there. Ownership: views of the text. Threads: one at a time.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/result.hpp"

namespace towld {

/// How many bytes at the front of `text`, of which more may come, are whole entries.
std::size_t whole_entries(std::string_view text);

class ExportReader {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit ExportReader(std::string_view text) : rest_(text) {}

  /// The next entry's fields, valid until the next call; nullptr at the end. Errors: invalid_argument.
  towl::Result<const Fields*> next();

 private:
  std::string_view rest_;
  Fields fields_;
};

}  // namespace towld
