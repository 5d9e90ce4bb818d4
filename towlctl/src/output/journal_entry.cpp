#include "output/journal_entry.hpp"

#include <charconv>

namespace towlctl {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// The bytes of an array of byte values; nullopt where it is something else.
std::optional<std::string> bytes_of(simdjson::dom::array array) {
  std::string bytes;
  for (const element value : array) {
    std::uint64_t byte = 0;
    if (value.get(byte) != simdjson::SUCCESS || byte > 0xFF) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

void add_value(std::string_view name, element value, int depth, std::vector<JournalField>& fields) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return;
    case element_type::STRING:
      fields.push_back({std::string(name), std::string(std::string_view(value))});
      return;
    case element_type::ARRAY: {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return;
      if (auto bytes = bytes_of(array); bytes && array.size() > 0) {
        fields.push_back({std::string(name), std::move(*bytes)});
        return;
      }
      // A repeated field; journald never nests deeper.
      if (depth == 0) {
        for (const element one : array) add_value(name, one, depth + 1, fields);
        return;
      }
      [[fallthrough]];
    }
    default:
      // Not of journald: the JSON text stands for the value.
      fields.push_back({std::string(name), simdjson::minify(value)});
  }
}

}  // namespace

std::optional<std::string_view> JournalEntry::find(std::string_view name) const {
  for (const JournalField& field : fields_) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> JournalEntry::number(std::string_view name) const {
  const auto text = find(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

const JournalEntry* JournalParser::parse(std::string_view text) {
  entry_.fields_.clear();
  element document;
  simdjson::dom::object object;
  if (parser_.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS ||
      document.get(object) != simdjson::SUCCESS) {
    return nullptr;
  }
  for (const auto [name, value] : object) add_value(name, value, 0, entry_.fields_);
  return &entry_;
}

std::optional<towl::Timestamp> time_of(const JournalEntry& journal) {
  constexpr std::uint64_t kMaxMicroseconds = INT64_MAX / 1000;
  for (const char* name : {"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"}) {
    const auto microseconds = journal.number(name);
    if (microseconds && *microseconds > 0 && *microseconds <= kMaxMicroseconds) {
      return static_cast<towl::Timestamp>(*microseconds * 1000);
    }
  }
  return std::nullopt;
}

}  // namespace towlctl
