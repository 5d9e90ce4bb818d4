// Types whose libraries most collectors do not need are loaded when a configuration names them, from next to the
// program or from its installation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A configuration that names every type of a module.
struct Named {
  const char* module;
  const char* configuration;
};
const Named kNamed[] = {
    {"libtowld_web.so", "outputs: [{ type: http, url: 'https://logs.example/in' }]\n"},
    {"libtowld_web.so", "outputs: [{ type: loki, url: 'https://logs.example' }]\n"},
    {"libtowld_web.so", "outputs: [{ type: elasticsearch, url: 'https://logs.example' }]\n"},
    {"libtowld_kafka.so", "outputs: [{ type: kafka, brokers: 'kafka-1:9092', topic: logs }]\n"},
    {"libtowld_kafka.so", "inputs: [{ type: kafka, brokers: 'kafka-1:9092', group: g, topics: [logs] }]\n"},
    {"libtowld_web.so",
     "inputs: [{ type: file, include: [/tmp/*.log], kubernetes: { node: n, api: 'https://10.96.0.1' } }]\n"},
    {"libtowld_postgres.so", "outputs: [{ type: postgres, connection: 'host=db dbname=logs user=towl' }]\n"},
};

class Modules : public testing::Test {
 protected:
  ProcessResult check(const fs::path& program, const std::string& configuration) const {
    std::ofstream(folder_ / "towld.yaml") << configuration;
    return run({program.string(), "--check-config", "--store", (folder_ / "store").string(), "--config",
                (folder_ / "towld.yaml").string()});
  }

  static bool is_built(const std::string& module) { return fs::exists(built().parent_path() / module); }
  static fs::path built() { return TOWLD_PROGRAM; }

  fs::path copied() const {
    fs::create_directories(folder_ / "prefix/sbin");
    fs::copy_file(built(), folder_ / "prefix/sbin/towld", fs::copy_options::overwrite_existing);
    return folder_ / "prefix/sbin/towld";
  }

  TempFolder folder_;
};

TEST_F(Modules, AreFoundBesideTheProgram) {
  for (const auto& [module, configuration] : kNamed) {
    if (!is_built(module)) continue;
    const auto checked = check(built(), configuration);
    EXPECT_EQ(checked.code, 0) << configuration << checked.err;
  }
}

TEST_F(Modules, AreFoundInTheInstallationWhereverItWasMoved) {
  const fs::path program = copied();
  for (const auto& [module, configuration] : kNamed) {
    if (!is_built(module)) continue;
    const fs::path installed = (program.parent_path() / TOWL_MODULE_FOLDER / module).lexically_normal();
    fs::create_directories(installed.parent_path());
    fs::copy_file(built().parent_path() / module, installed, fs::copy_options::overwrite_existing);
    const auto checked = check(program, configuration);
    EXPECT_EQ(checked.code, 0) << configuration << checked.err;
  }
}

TEST_F(Modules, ThatAreMissingAreToldInOneLineAndOnlyIfNeeded) {
  const fs::path program = copied();
  for (const auto& [module, configuration] : kNamed) {
    const auto checked = check(program, configuration);
    EXPECT_EQ(checked.code, 2) << configuration;
    EXPECT_EQ(std::count(checked.err.begin(), checked.err.end(), '\n'), 1) << checked.err;
    EXPECT_THAT(checked.err, HasSubstr(module));
    EXPECT_THAT(checked.err, HasSubstr("install towld again"));
    EXPECT_THAT(checked.err, HasSubstr("towld.yaml:1"));
  }
  EXPECT_EQ(check(program, "outputs: [{ type: stdout }]\n").code, 0);
}

TEST_F(Modules, ThatCannotBeLoadedAreToldInOneLine) {
  const fs::path program = copied();
  std::ofstream(program.parent_path() / "libtowld_kafka.so") << "no library";
  const auto checked = check(program, "outputs: [{ type: kafka, brokers: 'kafka-1:9092', topic: logs }]\n");
  EXPECT_EQ(checked.code, 2);
  EXPECT_EQ(std::count(checked.err.begin(), checked.err.end(), '\n'), 1) << checked.err;
  EXPECT_THAT(checked.err, HasSubstr("cannot load"));
}

// A collector that has no use for them starts without them, and keeps nothing of them in memory.
TEST_F(Modules, BringTheirLibrariesAlong) {
  const auto linked = run({"ldd", built().string()});
  ASSERT_EQ(linked.code, 0) << linked.err;
  for (const char* library : {"librdkafka", "libpq", "libcurl"}) {
    EXPECT_EQ(linked.out.find(library), std::string::npos) << library;
  }
}

}  // namespace
}  // namespace towl::test
