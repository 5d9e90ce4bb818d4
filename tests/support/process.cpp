#include "support/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace towl::test {
namespace {

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::ofstream input(files_ / "in", std::ios::binary);
  input << options.input;
  input.close();
  if (!input) ADD_FAILURE() << "cannot write the input of " << arguments[0];
  // All that allocates happens before fork(): the test may have threads.
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!options.environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
  }
  for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
  };
  const auto argv = pointers(arguments);
  const auto envp = pointers(variables);
  const std::string in = files_ / "in";
  const std::string out = files_ / "out";
  const std::string err = files_ / "err";
  const std::string folder = options.folder.string();
  pid_ = fork();
  if (pid_ < 0) {
    ADD_FAILURE() << "cannot start " << arguments[0] << ": " << std::strerror(errno);
    code_ = 127;  // waitpid(-1) would fail, and look like a program that ended well.
  }
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto redirect = [](const std::string& path, int flags, int target) {
    const int fd = open(path.c_str(), flags, 0600);
    if (fd < 0 || dup2(fd, target) < 0) _exit(126);
    close(fd);
  };
  redirect(in, O_RDONLY, STDIN_FILENO);
  redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(126);
  execvpe(argv[0], argv.data(), envp.data());
  _exit(127);
}

Process::~Process() {
  if (code_ || pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string Process::out() const { return contents_of(files_ / "out"); }
std::string Process::err() const { return contents_of(files_ / "err"); }

void Process::signal(int number) const {
  if (!code_) kill(pid_, number);
}

bool Process::running() {
  int status = 0;
  if (!code_ && waitpid(pid_, &status, WNOHANG) == pid_) code_ = code_of(status);
  return !code_;
}

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  eventually([&] { return !running(); }, timeout);
  return code_;
}

ProcessResult run(const std::vector<std::string>& arguments, const RunOptions& options) {
  Process process(arguments, options);
  const auto code = process.wait();
  if (!code) ADD_FAILURE() << arguments[0] << " did not end within a minute; it said: " << process.err();
  return {code.value_or(-1), process.out(), process.err()};
}

}  // namespace towl::test
