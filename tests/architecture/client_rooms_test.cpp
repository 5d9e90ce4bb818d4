// Checks every #include of towlctl against the table of its rooms, which is the same as in towlctl/CMakeLists.txt.
#include <gtest/gtest.h>

#include "architecture/includes.hpp"

namespace towl::architecture {
namespace {

// `main` knows them all.
const Knows& client_rooms() {
  static const Knows knows = [] {
    Knows table = {
        {"collector", {}},
        {"context", {}},
        {"session", {"context"}},
        {"completion", {}},
        {"arguments", {}},
        {"output", {"session"}},
        {"archive", {}},
        {"files", {"archive", "session"}},
        {"append", {"collector"}},
        {"sync", {"collector", "session", "output", "signature"}},
        {"signature", {}},
        {"sql", {"files", "output", "session"}},
        {"export", {"output", "session"}},
        {"commands",
         {"append", "arguments", "collector", "completion", "context", "export", "files", "output", "session",
          "signature", "sql", "sync", "ui"}},
        {"rpc", {"collector"}},
        // Others see only what starts it: ui/program.hpp.
        {"ui", {"session"}},
    };
    std::set<std::string> all;
    for (const auto& [name, others] : table) all.insert(name);
    table["main"] = all;
    return table;
  }();
  return knows;
}

// The only room that may include gRPC, and those that may include the parser of command lines.
const std::string kRpcRoom = "rpc";
// The only one that may know rooms of the collector: those that show what a store has, and what these are made of.
const std::string kUiRoom = "ui";
const std::set<std::string> kShownRooms = {"http", "http_api", "log", "page", "queries"};

const std::set<std::string> kParserRooms = {"arguments", "commands", "completion", "main"};

bool is_header_of_towlctl(const std::string& header) { return fs::exists(kRoot / "towlctl/src" / header); }

/// What is wrong with one include of the file `path` (below towlctl/src), or "".
std::string fault_of(const std::string& path, const std::string& header) {
  const std::string room = room_of(client_rooms(), path);
  if (room.empty()) return "the file is in no room of the table";
  if (!room_may_include(client_rooms(), room, header)) return "the room may not know that room";
  if (is_rpc(header) && room != kRpcRoom) return "gRPC is the rpc room's alone";
  if (header.starts_with("boost/")) return room == kUiRoom ? "" : "the client has no use for Boost";
  if (header.starts_with("CLI/") && !kParserRooms.contains(room)) return "the room has nothing to parse";
  if (is_header_of_towlctl(header)) return "";
  if (is_private_to_libtowl(header)) return "libtowl has that for itself alone";
  if (fs::exists(kRoot / "towld/src" / header)) {
    return room == kUiRoom && kShownRooms.contains(header.substr(0, header.find('/'))) ? "" : "that is the collector's";
  }
  return "";
}

TEST(ClientRooms, IncludeOnlyWhatTheyMay) {
  std::size_t checked = 0;
  for (const auto& [file, header] : includes_below(kRoot / "towlctl/src")) {
    ++checked;
    EXPECT_EQ(fault_of(fs::relative(file, kRoot / "towlctl/src").string(), header), "")
        << file << " includes " << header;
  }
  EXPECT_GT(checked, 200U) << "the test found hardly any include: has the layout changed?";
}

// Every pair of rooms that is not in the table is refused.
TEST(ClientRooms, AForbiddenRoomIsSeen) {
  std::size_t refused = 0;
  for (const auto& [room, knows] : client_rooms()) {
    for (const auto& [other, its_knows] : client_rooms()) {
      const bool may = room == other || knows.contains(other);
      EXPECT_EQ(fault_of(room + "/any.cpp", other + "/any.hpp").empty(), may) << room << " and " << other;
      refused += may ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 50U);
}

struct Tried {
  const char* file;
  const char* header;
};

TEST(ClientRooms, OtherForbiddenIncludesAreSeen) {
  for (const auto& [file, header] : {
           Tried{"sync/pull_file.cpp", "grpcpp/channel.h"},
           Tried{"commands/stat.cpp", "towl/v1/towl.pb.h"},
           Tried{"collector/collector.hpp", "google/protobuf/message.h"},
           Tried{"main/main.cpp", "grpcpp/grpcpp.h"},
           Tried{"output/text.cpp", "CLI/CLI.hpp"},
           Tried{"rpc/wire.cpp", "boost/asio.hpp"},
           Tried{"commands/info.cpp", "pages_io.hpp"},
           Tried{"commands/info.cpp", "v2/frame_decoder.hpp"},
           Tried{"files/local_files.cpp", "filenames.hpp"},
           Tried{"rpc/wire.cpp", "v1/layout.hpp"},
           Tried{"sync/file_list.cpp", "crc32c.hpp"},
           Tried{"commands/cat.cpp", "parse/parser_chain.hpp"},
           Tried{"ui/ui_server.cpp", "ingest/ingest.hpp"},
           Tried{"commands/ui.cpp", "http/http_server.hpp"},
           Tried{"units.cpp", "string"},
       }) {
    EXPECT_NE(fault_of(file, header), "") << file << " and " << header;
  }
}

TEST(ClientRooms, WhatTheyMayIncludeIsNotRefused) {
  for (const auto& [file, header] : {
           Tried{"rpc/wire.cpp", "towl/v1/towl.pb.h"},
           Tried{"rpc/wire.cpp", "towl/file_shape.hpp"},
           Tried{"commands/ls.cpp", "CLI/CLI.hpp"},
           Tried{"sync/sync_round.cpp", "collector/collector.hpp"},
           Tried{"ui/ui_server.cpp", "http_api/read_routes.hpp"},
           Tried{"output/text.cpp", "array"},
       }) {
    EXPECT_EQ(fault_of(file, header), "") << file << " and " << header;
  }
}

}  // namespace
}  // namespace towl::architecture
