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
  std::shared_ptr<const PathFields> path_fields;
  const bool has_containers = std::any_of(context.parsers->steps().begin(), context.parsers->steps().end(),
                                          [](const auto& step) { return step->is_of_containers(); });
  if (config.add_path.value_or(has_containers || !config.path_pattern.empty() || config.kubernetes)) {
    auto made = PathFields::create(config.path_pattern);
    if (!made) return towl::fail(std::move(made.error()));
    path_fields = std::move(*made);
  }
  auto input = std::make_unique<FileInput>(Private{});
  if (config.kubernetes) {
    const auto sources = pod_sources();
    if (!sources) return towl::fail(sources.error());
    auto pods = sources->start(
        *config.kubernetes, context.name, [mailbox = input->mailbox_] { mailbox->tell_pods(); }, context.log);
    if (!pods) return towl::fail(std::move(pods.error()));
    input->pods_ = std::move(*pods);
  }
  const auto positions = context.ingest->positions();
  context.max_entry_bytes = std::max(context.max_entry_bytes, config.max_line_bytes);
  auto loop = std::make_unique<FileLoop>(config, std::move(context), std::move(*finder), std::move(join),
                                         std::move(path_fields), input->pods_ ? input->pods_->pods() : nullptr,
                                         input->mailbox_);
  loop->restore(positions);
  input->thread_ = std::jthread([loop = std::move(loop)] { loop->run(); });
  return input;
}

towl::Result<void> FileInput::check(const FileInputConfig& config) {
  if (auto finder = FileFinder::create(config); !finder) return towl::fail(std::move(finder.error()));
  if (auto fields = PathFields::create(config.path_pattern); !fields) return towl::fail(std::move(fields.error()));
  if (config.kubernetes) {
    const auto sources = pod_sources();
    if (!sources) return towl::fail(sources.error());
    if (auto good = sources->check(*config.kubernetes); !good) return good;
  }
  if (!config.multiline) return {};
  auto rule = JoinRule::create(*config.multiline);
  return rule ? towl::Result<void>{} : towl::fail(std::move(rule.error()));
}

FileInput::~FileInput() { stop(); }

void FileInput::stop() {
  mailbox_->tell_stop();
  if (thread_.joinable()) thread_.join();
}

InputStatus FileInput::status() const {
  InputStatus status;
  status.files = mailbox_->ask_status();
  if (pods_) {
    status.counts = {{"pods", pods_->pods()->size()}};
    status.error = pods_->error();
  }
  return status;
}

}  // namespace towld
