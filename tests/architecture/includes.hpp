// Reads the #include lines of a source tree, for the tests that check the order of floors and rooms.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace towl::architecture {

namespace fs = std::filesystem;

/// The project's folder.
inline const fs::path kRoot = TOWL_SOURCE_DIR;

/// A floor or room, and the others whose headers it may include.
using Knows = std::map<std::string, std::set<std::string>>;

struct Include {
  fs::path file;
  std::string header;
};

/// All includes of the sources in `folder`, folders within it included.
inline std::vector<Include> includes_below(const fs::path& folder) {
  std::vector<Include> includes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
    std::ifstream lines(entry.path());
    for (std::string text; std::getline(lines, text);) {
      const std::size_t hash = text.find_first_not_of(" \t");
      if (hash == std::string::npos || !text.substr(hash).starts_with("#include")) continue;
      const std::size_t open = text.find_first_of("<\"");
      const std::size_t close = text.find_first_of(">\"", open + 1);
      if (open == std::string::npos || close == std::string::npos) continue;
      includes.push_back({entry.path(), text.substr(open + 1, close - open - 1)});
    }
  }
  return includes;
}

/// The room that a path below a program's src folder belongs to: the longest name in `rooms` that is a folder of it;
/// "" for none.
inline std::string room_of(const Knows& rooms, const std::string& path) {
  std::string room;
  for (const auto& [name, knows] : rooms) {
    if (path.starts_with(name + "/") && name.size() > room.size()) room = name;
  }
  return room;
}

/// Whether a file of `room` may include `header` as far as rooms go; headers of no room may always be included.
inline bool room_may_include(const Knows& rooms, const std::string& room, const std::string& header) {
  const std::string other = room_of(rooms, header);
  return other.empty() || other == room || rooms.at(room).contains(other);
}

/// The floors of libtowl.
inline const Knows& floors() {
  static const Knows knows = {
      {"base", {}},
      {"io", {"base"}},
      {"format", {"base"}},
      {"file", {"base", "io", "format"}},
      {"store", {"base", "io", "format", "file"}},
      {"mirror", {"base", "io", "format", "file", "store"}},
      {"record", {"base", "format"}},
      {"query", {"base", "io", "format", "file", "store", "record"}},
  };
  return knows;
}

/// A private header of libtowl: in the src folder of one of its floors, and in no include folder.
inline bool is_private_to_libtowl(const std::string& header) {
  for (const auto& [floor, knows] : floors()) {
    if (fs::exists(kRoot / "libtowl" / floor / "src" / header)) return true;
  }
  return false;
}

/// A header of gRPC or Protocol Buffers, or one that was generated for them.
inline bool is_rpc(const std::string& header) {
  for (const char* foreign : {"grpc/", "grpcpp/", "google/", "towl/v1/"}) {
    if (header.starts_with(foreign)) return true;
  }
  return false;
}

}  // namespace towl::architecture
