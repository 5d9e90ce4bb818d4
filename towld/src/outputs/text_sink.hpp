// TextSink prints entries, a line each, to a descriptor or a file.
#pragma once

#include <string>
#include <utility>

#include "outputs/entry_format.hpp"
#include "outputs/sink.hpp"
#include "outputs/target.hpp"

namespace towld {

class TextSink final : public Sink {
 public:
  TextSink(OutputFormat format, Target target) : formatter_(format), target_(std::move(target)) {}

  towl::Result<void> open(const std::optional<std::string>& committed) override {
    buffer_.clear();
    written_ = 0;
    return target_.open(committed);
  }
  bool has_moved() override { return target_.has_moved(); }
  towl::Result<void> reopen() override { return target_.open(std::nullopt); }
  void add(const FollowedEntry& entry) override { formatter_.append(entry, buffer_); }
  std::size_t unwritten_bytes() const override { return buffer_.size() - written_; }
  bool is_within() const override { return written_ > 0; }
  towl::Result<bool> write() override;
  void wait(Wakeup& wakeup) override { target_.wait(wakeup); }
  towl::Result<std::string> commit() override { return target_.commit(); }
  bool can_recover() const override { return target_.is_file(); }

 private:
  EntryFormatter formatter_;
  Target target_;
  std::string buffer_;
  std::size_t written_ = 0;  // of the buffer
};

}  // namespace towld
