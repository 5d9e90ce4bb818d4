// The limits that can be set: README.md, the configuration and /metrics agree about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/read_config.hpp"
#include "limits/configured.hpp"
#include "metrics/metric_sources.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

/// The cells of the table's rows, by key.
std::map<std::string, std::vector<std::string>> rows_of_readme() {
  std::map<std::string, std::vector<std::string>> rows;
  std::ifstream readme(std::string(TOWLD_SOURCES) + "/../README.md");
  bool is_limits = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("## ")) is_limits = line == "## Limits";
    if (!is_limits || !line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream rest(line.substr(1));
    for (std::string cell; std::getline(rest, cell, '|');) {
      const auto begin = cell.find_first_not_of(' ');
      cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin));
    }
    const std::string key = cells[0].substr(1, cells[0].size() - 2);
    EXPECT_TRUE(rows.emplace(key, cells).second) << key;
  }
  return rows;
}

Limits read(const std::string& key, const std::string& value, std::string* error = nullptr) {
  Config config;
  const auto done = read_document(
      "limits: { " + key + ": " + value + " }", "towld.yaml", [](const std::string&) { return std::nullopt; }, {},
      config);
  if (!done && error != nullptr) *error = done.error().to_string();
  EXPECT_EQ(done.has_value(), error == nullptr) << key << ": " << value;
  return config.limits;
}

TEST(LimitTable, IsTheReadmesTheConfigurationsAndTheMetrics) {
  auto rows = rows_of_readme();
  Metrics all;
  all.add(limit_metrics([](Limit) { return std::uint64_t{7}; }));
  const std::string metrics = all.text();
  for (const LimitRow& row : kLimits) {
    const std::string key(row.key);
    SCOPED_TRACE(key);
    ASSERT_EQ(rows.count(key), 1u);
    const auto& cells = rows[key];
    ASSERT_EQ(cells.size(), 5u);
    // The default is what is documented, as the configuration has it.
    EXPECT_EQ(read(key, cells[1]), Limits());
    EXPECT_EQ(cells[4], row.is_counted ? "yes" : "—");
    const std::string metric = "towl_limits_reached_total{limit=\"" + key + "\"} 7";
    EXPECT_EQ(metrics.find(metric) != std::string::npos, row.is_counted);
    rows.erase(key);
  }
  for (const auto& [key, cells] : rows) ADD_FAILURE() << key << " is in README.md alone";
}

TEST(LimitTable, EachIsReadPrintedAndBounded) {
  for (const LimitRow& row : kLimits) {
    const std::string key(row.key);
    const std::string unit = row.unit == LimitUnit::milliseconds ? "ms" : "";
    const auto text = [&](std::uint64_t value) { return std::to_string(value) + unit; };
    Config config;
    config.limits = read(key, text(row.least));
    EXPECT_EQ(config.limits[row.limit], row.least) << key;
    EXPECT_EQ(read(key, text(row.most))[row.limit], row.most) << key;
    // What is printed reads back.
    Config again;
    ASSERT_TRUE(read_document(print_config(config), "printed", {}, {}, again));
    EXPECT_EQ(again.limits, config.limits) << key;
    std::string error;
    read(key, text(row.most + 1), &error);
    EXPECT_THAT(error, HasSubstr(key));
    if (row.least > 1) read(key, text(row.least - 1), &error);
    read(key, "none", &error);
  }
  std::string error;
  read("grpc_connectoins", "5", &error);
  EXPECT_THAT(error, HasSubstr("grpc_connections"));
}

TEST(LimitTable, APeersShareIsAtLeastOne) {
  Limits limits;
  EXPECT_EQ(limits.share_of_peer(4096), 3072u);
  EXPECT_EQ(limits.share_of_peer(40), 30u);
  EXPECT_EQ(limits.share_of_peer(1), 1u);
  limits.set(Limit::peer_percent, 100);
  EXPECT_EQ(limits.share_of_peer(7), 7u);
}

}  // namespace
}  // namespace towld
