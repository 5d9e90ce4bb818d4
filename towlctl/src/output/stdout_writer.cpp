#include "output/stdout_writer.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace towlctl {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

std::string pager_command() {
  for (const char* name : {"TOWL_PAGER", "PAGER"}) {
    // Set and empty means none, as for git.
    if (const char* value = std::getenv(name); value != nullptr) return value;
  }
  return "less";
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
