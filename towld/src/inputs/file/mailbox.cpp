#include "inputs/file/mailbox.hpp"

#include "limits/limits.hpp"

#include <sys/eventfd.h>

#include <chrono>
#include <utility>

namespace towld {
Mailbox::Mailbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Mailbox::wake() const { ::eventfd_write(wake_.get(), 1); }

void Mailbox::answer(Answer answer) {
  const std::lock_guard lock(mutex_);
  const bool urgent = wake_on_answers_ || !answer.error.empty();
  word_.answers.push_back(std::move(answer));
  if (urgent) wake();
}

void Mailbox::tell_room() {
  const std::lock_guard lock(mutex_);
  word_.room = true;
  wake();
}

void Mailbox::tell_pods() {
  const std::lock_guard lock(mutex_);
  word_.pods = true;
  wake();
}

void Mailbox::tell_stop() {
  const std::lock_guard lock(mutex_);
  word_.stop = true;
  wake();
}

FilesStatus Mailbox::ask_status() {
  std::unique_lock lock(mutex_);
  if (closed_) return status_;
  word_.status = true;
  wake();
  const std::uint64_t before = times_told_;
  told_.wait_for(lock, kStatusPatience, [&] { return times_told_ != before || closed_; });
  return status_;
}

Mailbox::Word Mailbox::take() {
  const std::lock_guard lock(mutex_);
  eventfd_t ignored = 0;
  ::eventfd_read(wake_.get(), &ignored);
  Word taken = std::move(word_);
  word_ = {};
  return taken;
}

void Mailbox::wake_on_answers(bool wake) {
  const std::lock_guard lock(mutex_);
  wake_on_answers_ = wake;
  if (wake && !word_.answers.empty()) this->wake();
}

void Mailbox::tell_status(FilesStatus status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
  ++times_told_;
  told_.notify_all();
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  told_.notify_all();
}

}  // namespace towld
