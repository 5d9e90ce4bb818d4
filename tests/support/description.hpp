// A towl file as text, one value a line: how the test vectors and the Rust witness say what is in a file.
// See spec/vectors/README.md.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/stores.hpp"
#include "towl/file_reader.hpp"
#include "v1/entry_codec.hpp"
#include "v1/pages.hpp"

namespace towl::test {

struct Described {
  Header header;
  Index index;
  std::vector<Entry> entries;
};

inline std::string to_hex(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

inline std::string from_hex(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    text += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return text;
}

inline std::string describe(const Described& file) {
  const auto time = [](const std::optional<Timestamp>& value) { return value ? std::to_string(*value) : "-"; };
  std::ostringstream text;
  text << "org " << to_hex(file.header.org) << "\ntitle " << to_hex(file.header.title) << "\nid " << file.header.file_id
       << "\nopened " << file.index.opened << "\nclosed " << time(file.index.closed) << "\ncount " << file.index.count
       << "\nfirst " << time(file.index.first) << "\nlast " << time(file.index.last) << "\n";
  for (const Entry& entry : file.entries) {
    text << "sender " << to_hex(entry.sender) << "\nreceived " << entry.received << "\nlog_format "
         << static_cast<int>(entry.log_format) << "\nlog_entry " << to_hex(entry.log_entry) << "\n";
  }
  return text.str();
}

inline Described parse_description(const std::string& text) {
  std::istringstream lines(text);
  const auto next = [&]() -> std::optional<std::string> {
    std::string line;
    if (!std::getline(lines, line)) return std::nullopt;
    return line.substr(line.find(' ') + 1);
  };
  const auto time = [](const std::string& value) {
    return value == "-" ? std::optional<Timestamp>() : std::optional<Timestamp>(std::stoll(value));
  };
  Described file;
  file.header.org = from_hex(*next());
  file.header.title = from_hex(*next());
  file.header.file_id = std::stoull(*next());
  file.index.opened = *time(*next());
  file.index.closed = time(*next());
  file.index.count = std::stoull(*next());
  file.index.first = time(*next());
  file.index.last = time(*next());
  while (const auto sender = next()) {
    const Timestamp received = *time(*next());
    const auto log_format = static_cast<LogFormat>(std::stoi(*next()));
    file.entries.emplace_back(from_hex(*sender), received, log_format, from_hex(*next()));
  }
  return file;
}

/// What the reader finds. An error that ends the reading is stored in `error` if given, and fails the test if not.
inline Described read_file(const std::filesystem::path& path, Error* error = nullptr) {
  auto reader = FileReader::open(path);
  if (!reader) {
    ADD_FAILURE() << reader.error().to_string();
    return {};
  }
  return {reader->header(), reader->index(), read_all(*reader, error)};
}

/// The bytes of a file, by the codec.
inline std::string encode(const Described& file) {
  std::string bytes = *detail::v1::encode_header_page(file.header) + *detail::v1::encode_index_page(file.index);
  for (const Entry& entry : file.entries) detail::v1::encode_entry(entry, bytes);
  return bytes;
}

inline std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace towl::test
