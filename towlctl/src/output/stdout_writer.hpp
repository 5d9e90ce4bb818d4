// StdoutWriter writes results to standard output, through a pager if a person reads them there.
//
// If the reader goes away (SIGPIPE), the program ends quietly, as cat does. One thread at a time.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "session/session.hpp"

namespace towlctl {

class StdoutWriter {
 public:
  /// With `pager`, starts $TOWL_PAGER, $PAGER or less, if standard output is a terminal and the session allows it.
  StdoutWriter(const Session& session, bool pager);
  StdoutWriter(const StdoutWriter&) = delete;
  StdoutWriter& operator=(const StdoutWriter&) = delete;
  /// Flushes, and waits for the pager.
  ~StdoutWriter();

  void write(std::string_view bytes);

  /// Passes on what was written. False, with one line of error, if that failed, now or earlier.
  bool flush();

  /// Standard output is a person's terminal, through the pager or not.
  bool is_terminal() const { return terminal_; }

 private:
  struct ClosePipe {
    void operator()(std::FILE* pipe) const { pclose(pipe); }
  };
  std::FILE* target() const { return pager_ ? pager_.get() : stdout; }

  bool terminal_ = false;
  bool failed_ = false;
  std::unique_ptr<std::FILE, ClosePipe> pager_;
  std::string buffer_;
};

}  // namespace towlctl
