// Checks every #include of towld against the table of its rooms, which is the same as in towld/CMakeLists.txt.
#include <gtest/gtest.h>

#include "architecture/includes.hpp"

namespace towl::architecture {
namespace {

// All know `limits`; `app` knows them all.
const Knows& collector_rooms() {
  static const Knows knows = [] {
    Knows table = {
        {"limits", {}},
        {"config", {}},
        {"access", {"config"}},
        {"tls", {"config"}},
        {"log", {"config"}},
        {"parse", {"config"}},
        {"ingest", {"config", "log"}},
        {"http", {"access", "log", "parse", "tls"}},
        {"inputs", {"config", "log", "parse", "ingest"}},
        {"inputs/kubernetes", {"config", "log", "parse", "ingest"}},
        {"inputs/kubernetes/watch", {"access", "config", "log", "parse", "ingest", "inputs/kubernetes"}},
        {"inputs/file", {"config", "log", "parse", "ingest", "inputs", "inputs/kubernetes"}},
        {"inputs/http", {"access", "config", "parse", "ingest", "inputs", "http"}},
        {"inputs/http/ingest", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/elasticsearch", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/journal_upload", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/jsonline", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/loki", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/otlp", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/http/protocols", {"config", "parse", "ingest", "inputs", "http", "inputs/http"}},
        {"inputs/journald", {"config", "parse", "ingest", "inputs"}},
        {"inputs/kafka", {"config", "log", "parse", "ingest", "inputs", "kafka"}},
        {"inputs/stdin", {"config", "parse", "ingest", "inputs"}},
        {"inputs/stream", {"config", "log", "parse", "ingest", "inputs", "tls"}},
        {"inputs/syslog", {"config", "log", "parse", "ingest", "inputs", "inputs/stream", "tls"}},
        {"inputs/fluent", {"config", "parse", "ingest", "inputs", "inputs/stream"}},
        {"inputs/relp", {"config", "parse", "ingest", "inputs", "inputs/stream"}},
        {"outputs", {"config", "log", "parse", "ingest"}},
        {"outputs/file", {"config", "log", "parse", "ingest", "outputs"}},
        {"outputs/parquet", {"config", "log", "parse", "ingest", "outputs"}},
        {"outputs/sqlite", {"config", "log", "parse", "ingest", "outputs"}},
        {"outputs/stdout", {"config", "log", "parse", "ingest", "outputs"}},
        {"outputs/towl", {"access", "config", "log", "ingest", "outputs"}},
        {"outputs/web", {"access", "config", "log", "parse", "ingest", "outputs"}},
        {"outputs/http", {"access", "config", "log", "parse", "ingest", "outputs", "outputs/web"}},
        {"outputs/elasticsearch", {"access", "config", "log", "parse", "ingest", "outputs", "outputs/web"}},
        {"outputs/loki", {"access", "config", "log", "parse", "ingest", "outputs", "outputs/web"}},
        {"outputs/postgres", {"access", "config", "log", "parse", "ingest", "outputs"}},
        {"outputs/s3", {"config", "log", "ingest", "outputs", "outputs/parquet"}},
        {"kafka", {"access", "config"}},
        {"outputs/kafka", {"config", "log", "parse", "ingest", "outputs", "kafka"}},
        {"modules", {"config", "inputs", "inputs/kubernetes", "outputs", "outputs/parquet"}},
        {"metrics", {"http", "ingest"}},
        {"queries", {"config"}},
        {"http_api", {"access", "http", "parse", "queries"}},
        {"page", {"http", "parse"}},
        {"rpc", {"access", "config", "log", "ingest", "parse", "queries", "tls"}},
    };
    std::set<std::string> all;
    for (auto& [name, others] : table) {
      if (name != "limits") others.insert("limits");
      all.insert(name);
    }
    table["app"] = all;
    return table;
  }();
  return knows;
}

// Where gRPC is spoken.
const std::set<std::string> kRpcRooms = {"rpc", "outputs/towl"};

bool is_header_of_towld(const std::string& header) { return fs::exists(kRoot / "towld/src" / header); }

TEST(CollectorRooms, AreAllInTheTable) {
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "towld/src")) {
    if (!entry.is_regular_file()) continue;
    const std::string path = fs::relative(entry.path(), kRoot / "towld/src").string();
    EXPECT_TRUE(path == "main.cpp" || !room_of(collector_rooms(), path).empty()) << path;
  }
}

TEST(CollectorRooms, KnowThoseBelowThem) {
  std::size_t checked = 0;
  for (const auto& [file, header] : includes_below(kRoot / "towld/src")) {
    const std::string room = room_of(collector_rooms(), fs::relative(file, kRoot / "towld/src").string());
    if (room.empty() || !is_header_of_towld(header)) continue;
    ++checked;
    EXPECT_TRUE(room_may_include(collector_rooms(), room, header)) << file << " includes " << header;
  }
  EXPECT_GT(checked, 200U) << "the test found hardly any include: has the layout changed?";
}

// Every pair of rooms that is not in the table is refused, with any header.
TEST(CollectorRooms, AForbiddenIncludeIsSeen) {
  for (const auto& [room, knows] : collector_rooms()) {
    for (const auto& [other, its_knows] : collector_rooms()) {
      EXPECT_EQ(room_may_include(collector_rooms(), room, other + "/any.hpp"), room == other || knows.contains(other))
          << room << " and " << other;
    }
  }
  EXPECT_FALSE(room_may_include(collector_rooms(), "parse", "ingest/ingest.hpp"));
  EXPECT_FALSE(room_may_include(collector_rooms(), "inputs/file", "inputs/syslog/framer.hpp"));
  EXPECT_FALSE(room_may_include(collector_rooms(), "http_api", "ingest/ingest.hpp"));
  EXPECT_TRUE(is_rpc("grpcpp/grpcpp.h"));
  EXPECT_TRUE(is_rpc("towl/v1/towl.pb.h"));
  EXPECT_FALSE(is_rpc("towl/store.hpp"));
}

TEST(CollectorRooms, OnlyTheRpcRoomsKnowGrpc) {
  for (const auto& [file, header] : includes_below(kRoot / "towld/src")) {
    const std::string room = room_of(collector_rooms(), fs::relative(file, kRoot / "towld/src").string());
    EXPECT_TRUE(!is_rpc(header) || kRpcRooms.contains(room)) << file << " includes " << header;
  }
}

TEST(CollectorRooms, UseThePublicFaceOfLibtowl) {
  for (const auto& [file, header] : includes_below(kRoot / "towld/src")) {
    EXPECT_FALSE(is_private_to_libtowl(header) && !is_header_of_towld(header)) << file << " includes " << header;
  }
}

TEST(CollectorRooms, DoNotKnowTheClient) {
  for (const auto& [file, header] : includes_below(kRoot / "towld/src")) {
    EXPECT_FALSE(fs::exists(kRoot / "towlctl/src" / header) && !is_header_of_towld(header) &&
                 !fs::exists(file.parent_path() / header))
        << file << " includes " << header;
  }
}

}  // namespace
}  // namespace towl::architecture
