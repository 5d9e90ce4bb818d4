// JournaldInput collects the systemd journal: this machine's, live, or that of a folder of journal files.
//
// Once:     An entry's cursor is stored with it, as the position of `journald/FOLDER?UNIT…`: of what is read,
//           whatever the input is called.
//           A start goes on after the stored one. What could not be stored is kept and submitted again
//           (Submissions).
// Parsers:  apply to MESSAGE. Without any, what is stored is what `journalctl -o json --all` prints.
// Threads:  its own, which alone touches the journal; joined by stop() and the destructor.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "config/read_from.hpp"
#include "ingest/wakeup.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/journald/journal.hpp"
#include "inputs/submissions.hpp"
#include "towl/source_position.hpp"

namespace towld {

struct JournaldInputConfig {
  std::vector<std::string> units = {};  ///< Empty: all.
  std::string directory = {};           ///< Of journal files; empty: this machine's journal.
  ReadFrom read_from = ReadFrom::beginning;

  friend bool operator==(const JournaldInputConfig&, const JournaldInputConfig&) = default;
};

class JournaldInput : public Input {
 public:
  /// `restored` are Ingest::positions(). Borrows the ingest. Errors: those of Journal::open;
  /// already_exists if another input reads the same.
  static towl::Result<std::unique_ptr<JournaldInput>> start(const JournaldInputConfig& config, InputContext context,
                                                            std::span<const towl::SourcePosition> restored);

  /// For start() alone.
  JournaldInput(const JournaldInputConfig& config, InputContext context, std::shared_ptr<Wakeup> wakeup,
                std::optional<std::string> cursor);
  ~JournaldInput() override;

  void stop() override;

  InputStatus status() const override;

 private:
  void run();
  void follow(Journal& journal);
  towl::Result<void> seek(Journal& journal);
  towl::Result<bool> gather(Journal& journal);
  void take(Journal& journal);
  void submit();
  void fail(const towl::Error& error);

  JournaldInputConfig config_;
  InputContext context_;
  std::string source_;
  std::shared_ptr<Wakeup> wakeup_;
  // Of the thread.
  Gatherer gatherer_;
  Submissions submissions_;
  std::optional<std::string> cursor_;     ///< Of the last entry that was read.
  std::optional<std::string> gone_from_;  ///< A cursor whose entry is gone: the next entry tells how many are gone.

  mutable std::mutex mutex_;
  std::string shown_cursor_;
  std::string error_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld
