// FileFacts are what a towl file's two pages and its size say. Also how commands show them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towlctl {

struct FileFacts {
  std::filesystem::path path;
  std::uint64_t size = 0;
  towl::Header header;
  towl::Index index;
  std::uint64_t count = 0;  ///< As the index page says, or as counted.
};

/// Reads only the pages.
towl::Result<FileFacts> read_facts(const std::filesystem::path& path);

/// "sealed", "closed" or "open".
std::string state_of(const FileFacts& facts);

/// RFC 3339 in UTC; "-" if there is none.
std::string format_time(const std::optional<towl::Timestamp>& time);

/// Text from a file as it may be shown on a terminal: control characters as \xNN.
std::string printable(std::string_view text);

nlohmann::ordered_json to_json(const FileFacts& facts);

/// One line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const nlohmann::ordered_json& json);

}  // namespace towlctl
