#include "output/stdout_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace towlctl {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

/// Whether the shell would find the program: a pager that is not there would swallow everything.
bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    if (access((std::string(rest.substr(0, colon)) + "/" + program).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return false;
}

std::string pager_command() {
  for (const char* name : {"TOWL_PAGER", "PAGER"}) {
    // Set and empty means none, as for git.
    if (const char* value = std::getenv(name); value != nullptr) return value;
  }
  return is_installed("less") ? "less" : "";
}

}  // namespace

StdoutWriter::StdoutWriter(const Session& session, bool pager) : terminal_(isatty(STDOUT_FILENO) != 0) {
  const char* term = std::getenv("TERM");
  if (!pager || !session.pager || !terminal_ || term == nullptr || std::strcmp(term, "dumb") == 0) return;
  const std::string command = pager_command();
  if (command.empty() || command == "cat") return;
  setenv("LESS", "FRSXMK", 0);
  pager_.reset(popen(command.c_str(), "w"));
}

StdoutWriter::~StdoutWriter() { flush(); }

void StdoutWriter::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) {
    if (!failed_ && std::fwrite(bytes.data(), 1, bytes.size(), target()) != bytes.size()) flush();
    return;
  }
  buffer_ += bytes;
}

bool StdoutWriter::flush() {
  if (failed_) return false;
  const bool written =
      std::fwrite(buffer_.data(), 1, buffer_.size(), target()) == buffer_.size() && std::fflush(target()) == 0;
  buffer_.clear();
  if (written) return true;
  failed_ = true;
  complain(std::string("cannot write to standard output: ") + std::strerror(errno));
  return false;
}

}  // namespace towlctl
