#include "outputs/parquet/parquet_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "limits/limits.hpp"
#include "outputs/parquet/parquet_round.hpp"

namespace towld {
namespace {

constexpr int kLookMilliseconds = 500;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

towl::Result<Pipe> make_pipe() {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return towl::fail(towl::error_from_errno(errno, "cannot make a pipe", ""));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The child, in a group of its own: what is typed at the terminal of its parent is not for it.
towl::Result<pid_t> start(const std::filesystem::path& program, int input, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::string name = "towld";
  std::string command = kWriteParquet;
  std::array<char*, 3> arguments = {name.data(), command.data(), nullptr};
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return towl::fail(towl::error_from_errno(failed, "cannot start", program.string()));
  return pid;
}

/// What the child writes, up to its end.
std::string read_answer_of(pid_t pid, int fd, const std::function<bool()>& gives_up) {
  std::string answer;
  std::array<char, 4096> bytes;
  for (bool killed = false;;) {
    pollfd wait = {fd, POLLIN, 0};
    if (::poll(&wait, 1, kLookMilliseconds) <= 0) {
      if (!killed && gives_up()) killed = ::kill(pid, SIGKILL) == 0;
      continue;
    }
    const auto got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return answer;
    if (answer.size() < kParquetAnswerBytes) answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

towl::Result<ParquetAnswer> ask_child(const std::filesystem::path& program, const ParquetRequest& request,
                                      const std::function<bool()>& gives_up) {
  auto input = make_pipe();
  if (!input) return towl::fail(std::move(input.error()));
  auto output = make_pipe();
  if (!output) return towl::fail(std::move(output.error()));
  const auto pid = start(program, input->read.get(), output->write.get());
  if (!pid) return towl::fail(pid.error());
  input->read.close();
  output->write.close();
  (void)write_all(input->write.get(), to_line(request));  // If this fails, the child says so, or ends.
  input->write.close();
  const std::string line = read_answer_of(*pid, output->read.get(), gives_up);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!line.empty()) return read_answer(line);
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "exit code " + std::to_string(WEXITSTATUS(status));
  return towl::fail(towl::ErrorCode::io, "the program that writes Parquet has ended without an answer: " + how);
}

int run_write_parquet() {
  // It ends with its parent, and not by what ends that in an orderly way: the parent waits for it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);
  (void)::setpriority(PRIO_PROCESS, 0, 10);  // Storing goes first.
  std::string line;
  std::array<char, 4096> bytes;
  for (ssize_t got = 0; (got = ::read(STDIN_FILENO, bytes.data(), bytes.size())) > 0;) {
    line.append(bytes.data(), static_cast<std::size_t>(got));
  }
  const auto request = read_request(line);
  const auto answer = request ? write_round(*request) : towl::Result<ParquetAnswer>(tl::unexpected(request.error()));
  return write_all(STDOUT_FILENO, to_line(answer)) && answer ? 0 : 2;
}

}  // namespace towld
