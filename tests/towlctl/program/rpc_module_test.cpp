// The module that talks to collectors is loaded when it is needed, from next to the program or from its installation.
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RpcModule : public TowlctlProgram {
 protected:
  static void copy(const fs::path& from, const fs::path& to) {
    fs::create_directories(to.parent_path());
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  }

  ProcessResult run_copy(const fs::path& program, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program.string());
    return run(arguments, {.environment = {{"TOWL_SERVER", "127.0.0.1:1"}}, .folder = folder_.path()});
  }
};

TEST_F(RpcModule, IsFoundBesideTheProgram) {
  const ProcessResult ran = towlctl({"stat"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("cannot reach a collector at 127.0.0.1:1"));
}

TEST_F(RpcModule, IsFoundInTheInstallationWhereverItWasMoved) {
  const fs::path program = folder_.path() / "prefix/bin/towlctl";
  copy(TOWLCTL_PROGRAM, program);
  copy(TOWLCTL_MODULE, (program.parent_path() / TOWL_MODULE_FOLDER).lexically_normal() / "libtowlctl_rpc.so");
  EXPECT_THAT(run_copy(program, {"stat"}).err, HasSubstr("cannot reach a collector"));
  fs::create_symlink(program, folder_.path() / "linked");
  EXPECT_THAT(run_copy(folder_.path() / "linked", {"stat"}).err, HasSubstr("cannot reach a collector"));
}

TEST_F(RpcModule, ThatIsMissingIsToldInOneLineAndOnlyIfNeeded) {
  const fs::path program = folder_.path() / "bin/towlctl";
  copy(TOWLCTL_PROGRAM, program);
  for (const char* command : {"stat", "sync", "append", "retain"}) {
    const ProcessResult ran = run_copy(program, {command, "--server", "127.0.0.1:1"});
    EXPECT_NE(ran.code, 0) << command;
    EXPECT_EQ(lines_of(ran.err), 1) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("libtowlctl_rpc.so"));
    EXPECT_THAT(ran.err, HasSubstr("install towlctl again"));
  }
  fs::create_directory(folder_.path() / "empty");
  EXPECT_EQ(run_copy(program, {"ls", "--store", "empty"}).code, 0);
  EXPECT_EQ(run_copy(program, {"--help"}).code, 0);
}

TEST_F(RpcModule, ThatCannotBeLoadedIsToldInOneLine) {
  const fs::path program = folder_.path() / "bin/towlctl";
  copy(TOWLCTL_PROGRAM, program);
  std::ofstream(folder_.path() / "bin/libtowlctl_rpc.so") << "no library";
  const ProcessResult ran = run_copy(program, {"stat"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(lines_of(ran.err), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("cannot load"));
}

// A start costs only what a command needs: gRPC and its dependencies are 50 libraries.
TEST_F(RpcModule, IsNotLinkedWithTheProgram) {
  const ProcessResult ran = run({"/bin/sh", "-c", "ldd " TOWLCTL_PROGRAM});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("grpc"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("protobuf"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace towl::test
