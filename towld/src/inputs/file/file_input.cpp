#include "inputs/file/file_input.hpp"

#include <algorithm>
#include <utility>

#include "inputs/file/file_finder.hpp"
#include "inputs/file/file_loop.hpp"
#include "inputs/file/line_joiner.hpp"

namespace towld {

towl::Result<std::unique_ptr<FileInput>> FileInput::start(const FileInputConfig& config, InputContext context) {
  auto finder = FileFinder::create(config);
  if (!finder) return towl::fail(std::move(finder.error()));
  std::shared_ptr<const JoinRule> join;
  if (config.multiline) {
    auto rule = JoinRule::create(*config.multiline);
    if (!rule) return towl::fail(std::move(rule.error()));
    join = std::move(*rule);
  }
  auto input = std::make_unique<FileInput>(Private{});
  const auto positions = context.ingest->positions();
  context.max_entry_bytes = std::max(context.max_entry_bytes, config.max_line_bytes);
  auto loop =
      std::make_unique<FileLoop>(config, std::move(context), std::move(*finder), std::move(join), input->mailbox_);
  loop->restore(positions);
  input->thread_ = std::jthread([loop = std::move(loop)] { loop->run(); });
  return input;
}

FileInput::~FileInput() { stop(); }

void FileInput::stop() {
  mailbox_->tell_stop();
  if (thread_.joinable()) thread_.join();
}

InputStatus FileInput::status() const {
  InputStatus status;
  status.files = mailbox_->ask_status();
  return status;
}

}  // namespace towld
