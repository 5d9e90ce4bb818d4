#include "files/file_facts.hpp"

#include <array>
#include <cstdio>

#include "files/file_layers.hpp"
#include "towl/file_reader.hpp"

namespace towlctl {

towl::Result<FileFacts> read_facts(const std::filesystem::path& path) {
  const auto reader = towl::FileReader::open(path, {.layer = &file_layer()});
  if (!reader) return tl::unexpected(reader.error());
  const auto file = file_layer().open(path, towl::OpenMode::read);
  const auto size = file ? (*file)->size() : tl::unexpected(file.error());
  if (!size) return tl::unexpected(size.error());
  return FileFacts{path, *size, reader->header(), reader->index(), reader->index().count};
}

std::string state_of(const FileFacts& facts) {
  return facts.index.sealed ? "sealed" : facts.index.closed ? "closed" : "open";
}

std::string format_time(const std::optional<towl::Timestamp>& time) {
  return time ? std::string(towl::format_rfc3339(*time).view()) : "-";
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(byte));
    out += escape.data();
  }
  return out;
}

nlohmann::ordered_json to_json(const FileFacts& facts) {
  nlohmann::ordered_json json = {{"path", facts.path.string()},
                                 {"file_id", facts.header.file_id},
                                 {"format_version", facts.header.version},
                                 {"org", facts.header.org},
                                 {"title", facts.header.title},
                                 {"state", state_of(facts)},
                                 {"count", facts.count},
                                 {"size", facts.size},
                                 {"opened", format_time(facts.index.opened)}};
  if (facts.index.closed) json["closed"] = format_time(facts.index.closed);
  if (facts.index.first) json["first"] = format_time(facts.index.first);
  if (facts.index.last) json["last"] = format_time(facts.index.last);
  return json;
}

std::string to_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace towlctl
