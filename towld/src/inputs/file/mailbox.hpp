// Mailbox is where other threads leave messages for the thread that reads files: what became of batches, that there is
// room again, that more pods are known, that it is to stop or to tell its status.
//
// Threads: any. Batches may be answered after the input is gone, so the callbacks that answer hold the mailbox.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "inputs/descriptor.hpp"
#include "inputs/input_status.hpp"

namespace towld {

class Mailbox {
 public:
  Mailbox();

  /// To wait for with poll(2): readable when there is a message.
  int descriptor() const { return wake_.get(); }

  /// What became of a batch.
  struct Answer {
    std::uint64_t file = 0;    ///< The file's key.
    std::uint64_t ticket = 0;  ///< The batch's.
    std::string error = {};    ///< Empty: it is stored.
  };

  // For other threads.
  void answer(Answer answer);
  void tell_room();
  void tell_pods();
  void tell_stop();
  /// Waits for the reading thread's status; the last one if it does not come.
  FilesStatus ask_status();

  // For the reading thread.
  struct Word {
    std::vector<Answer> answers;
    bool room = false;
    bool pods = false;  ///< More of them are known.
    bool stop = false;
    bool status = false;
  };
  /// What was left since the last call.
  Word take();
  /// Answers wake the thread only if it waits for them: most of the time it need not know at once.
  void wake_on_answers(bool wake);
  void tell_status(FilesStatus status);
  /// Nobody asks any more.
  void close();

 private:
  void wake() const;

  Descriptor wake_;
  std::mutex mutex_;
  std::condition_variable told_;
  Word word_;
  bool wake_on_answers_ = false;
  bool closed_ = false;
  std::uint64_t times_told_ = 0;
  FilesStatus status_;
};

}  // namespace towld
