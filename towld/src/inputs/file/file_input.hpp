// FileInput reads files as they grow: all that its patterns match, with one thread.
//
// Position: each batch is stored with how far its file was read, so that every line is in the store once, whenever the
//           collector or the machine went down.
// Order:    as the file has it; a file that was rotated away is read to its end before the new one of its path.
// Memory:   a read buffer for all files, what joined lines wait for, and a bounded number of batches in flight.
// Sleep:    the kernel says what changed (inotify); every few seconds all is looked at, in case it did not.
// Labels:   of pods, if they are asked for: by a PodSource, for which a file's first entries wait a while.
// Threads:  owns one, which does all the work; the calls below come from any.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "inputs/file/file_config.hpp"
#include "inputs/file/mailbox.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/kubernetes/pod_source.hpp"
#include "towl/result.hpp"

namespace towld {

class FileInput : public Input {
 public:
  /// Goes on from the positions that the store has. Errors: invalid_argument (a pattern). Files that cannot be read are
  /// no error: they may become readable.
  static towl::Result<std::unique_ptr<FileInput>> start(const FileInputConfig& config, InputContext context);

  /// What start() refuses of the configuration alone. Errors: invalid_argument.
  static towl::Result<void> check(const FileInputConfig& config);

  /// For start() alone.
  class Private {
    friend class FileInput;
    Private() = default;
  };
  explicit FileInput(Private) {}
  ~FileInput() override;

  void stop() override;
  InputStatus status() const override;

 private:
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::unique_ptr<PodSource> pods_;  // nullptr: nobody asks
  std::jthread thread_;
};

}  // namespace towld
