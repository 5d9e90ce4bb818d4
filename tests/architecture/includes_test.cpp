// Reads every #include of libtowl, towld and towlctl and holds it against the table of floors: format < file < store <
// search < service < main. An include that points up is a defect.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TOWL_SOURCE_DIR;

// A floor, and the floors whose headers it may include besides its own.
const std::map<std::string, std::set<std::string>> kKnows = {
    {"base", {}},
    {"io", {"base"}},
    {"format", {"base"}},
    {"file", {"base", "io", "format"}},
    {"store", {"base", "io", "format", "file"}},
    {"record", {"base", "format"}},
    {"search", {"base", "io", "format", "file", "store"}},
};

// The rooms of the collector, likewise. `app` knows them all.
const std::map<std::string, std::set<std::string>> kCollectorRooms = {
    {"config", {}},
    {"log", {"config"}},
    {"parse", {"config"}},
    {"http", {"parse"}},
    {"ingest", {"config", "log", "parse"}},
    {"inputs", {"config", "log", "parse", "http", "ingest"}},
    {"read", {"ingest"}},
    {"outputs", {"config", "parse", "ingest", "read"}},
    {"metrics", {"http", "ingest", "read"}},
    {"service", {"config", "http", "ingest", "parse", "read"}},
};

struct Include {
  fs::path file;
  std::string header;
};

std::vector<Include> includes_below(const fs::path& folder) {
  std::vector<Include> includes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
    std::ifstream lines(entry.path());
    for (std::string text; std::getline(lines, text);) {
      if (!text.starts_with("#include ")) continue;
      const std::size_t open = text.find_first_of("<\"");
      const std::size_t close = text.find_first_of(">\"", open + 1);
      if (open == std::string::npos || close == std::string::npos) continue;
      includes.push_back({entry.path(), text.substr(open + 1, close - open - 1)});
    }
  }
  return includes;
}

// The floor of libtowl that a header belongs to, or "".
std::string floor_of(const std::string& header) {
  for (const auto& [floor, knows] : kKnows) {
    for (const char* part : {"include", "src"}) {
      if (fs::exists(kRoot / "libtowl" / floor / part / header)) return floor;
    }
  }
  return "";
}

TEST(Floors, NoIncludeOfLibtowlPointsUp) {
  std::size_t checked = 0;
  for (const auto& [floor, knows] : kKnows) {
    for (const auto& [file, header] : includes_below(kRoot / "libtowl" / floor)) {
      const std::string other = floor_of(header);
      if (other.empty()) continue;
      ++checked;
      EXPECT_TRUE(other == floor || knows.contains(other)) << file << " includes " << header << " of floor " << other;
    }
  }
  EXPECT_GT(checked, 50U) << "the test found hardly any include: has the layout changed?";
}

TEST(Floors, LibtowlKnowsNothingOfTheNetwork) {
  for (const auto& [file, header] : includes_below(kRoot / "libtowl")) {
    for (const char* foreign : {"grpc", "google/", "boost/", "towl/v1/"}) {
      EXPECT_FALSE(header.starts_with(foreign)) << file << " includes " << header;
    }
  }
}

// What applications include must not ask them for more than tl::expected.
TEST(Floors, ThePublicFaceNeedsNoOtherLibrary) {
  for (const auto& [floor, knows] : kKnows) {
    for (const auto& [file, header] : includes_below(kRoot / "libtowl" / floor / "include")) {
      const bool standard = header.find('.') == std::string::npos;
      EXPECT_TRUE(standard || header.starts_with("towl/") || header.starts_with("tl/"))
          << file << " includes " << header;
    }
  }
}

TEST(Floors, ARoomOfTheCollectorKnowsThoseBelowIt) {
  std::size_t checked = 0;
  for (const auto& [room, knows] : kCollectorRooms) {
    for (const auto& [file, header] : includes_below(kRoot / "towld/src" / room)) {
      const std::string other = header.substr(0, header.find('/'));
      if (!fs::exists(kRoot / "towld/src" / header) || other == room) continue;
      ++checked;
      EXPECT_TRUE(knows.contains(other)) << file << " includes " << header;
    }
  }
  EXPECT_GT(checked, 50U) << "the test found hardly any include: has the layout changed?";
}

TEST(Floors, CollectorAndClientDoNotKnowEachOther) {
  for (const auto& [file, header] : includes_below(kRoot / "towlctl")) {
    EXPECT_FALSE(fs::exists(kRoot / "towld/src" / header) && !fs::exists(kRoot / "towlctl/src" / header) &&
                 !fs::exists(file.parent_path() / header))
        << file << " includes " << header;
  }
}

}  // namespace
