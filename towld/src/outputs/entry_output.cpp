#include "outputs/entry_output.hpp"

#include <chrono>
#include <utility>

#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// Written at once: large enough for few calls, small enough to be printed soon.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
/// What failed is tried again after so long.
constexpr int kRetryAfter_ms = 1000;

}  // namespace

class EntryOutput::Listener : public towl::StoreListener {
 public:
  explicit Listener(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}
  void store_changed() override { wakeup_->wake(); }

 private:
  std::shared_ptr<Wakeup> wakeup_;
};

towl::Result<std::unique_ptr<EntryOutput>> EntryOutput::start(const OutputConfig& config, Ingest& ingest,
                                                              std::shared_ptr<spdlog::logger> log, int stdout_fd) {
  auto follower = StoreFollower::open(ingest, config.from);
  if (!follower) return towl::fail(std::move(follower.error()));
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  Target target = config.type == OutputType::file ? Target::file(config.path) : Target::descriptor(stdout_fd);
  if (auto prepared = target.prepare(); !prepared) return towl::fail(std::move(prepared.error()));
  auto output = std::make_unique<EntryOutput>(config, std::move(*follower), std::move(target), std::move(*wakeup),
                                              std::move(log));
  ingest.state().add(output->listener_);
  output->thread_ = std::jthread([self = output.get()] { self->run(); });
  return output;
}

EntryOutput::EntryOutput(const OutputConfig& config, StoreFollower follower, Target target,
                         std::shared_ptr<Wakeup> wakeup, std::shared_ptr<spdlog::logger> log)
    : config_(config),
      wakeup_(std::move(wakeup)),
      log_(std::move(log)),
      listener_(std::make_shared<Listener>(wakeup_)),
      follower_(std::move(follower)),
      formatter_(config.format),
      target_(std::move(target)) {}

void EntryOutput::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

std::string EntryOutput::describe() const {
  std::lock_guard lock(mutex_);
  std::string text =
      config_.type == OutputType::file ? R"({"type":"file","entries":)" : R"({"type":"stdout","entries":)";
  text += std::to_string(entries_) + R"(,"file_id":)" + std::to_string(file_id_) + R"(,"ordinal":)" +
          std::to_string(ordinal_) + R"(,"missed_files":)" + std::to_string(missed_files_) + R"(,"error":)";
  towl::append_json_text(error_, text);
  return text + "}";
}

void EntryOutput::fail(const towl::Error& error) {
  const std::string message = error.to_string();
  std::lock_guard lock(mutex_);
  // Once for the same, not every second.
  if (message != error_ && log_) log_->error("output {}: {}", config_.name, message);
  error_ = message;
}

void EntryOutput::run() {
  while (!stopping_) {
    wakeup_->clear();
    const bool good = fill();
    if (!buffer_.empty()) {
      if (!write()) return;
    } else if (!stopping_) {
      wakeup_->wait(-1, good ? -1 : kRetryAfter_ms);
    }
  }
}

/// Reads what fits the buffer. False where something could not be read.
bool EntryOutput::fill() {
  std::uint64_t count = 0;
  bool good = true;
  while (buffer_.size() < kBufferBytes && !stopping_) {
    const auto followed = follower_.next();
    if (!followed) {
      fail(followed.error());
      good = false;
      break;
    }
    if (!*followed) break;
    formatter_.append(**followed, buffer_);
    ++count;
  }
  std::lock_guard lock(mutex_);
  entries_ += count;
  file_id_ = follower_.file_id();
  ordinal_ = follower_.ordinal();
  missed_files_ = follower_.missed_files();
  return good;
}

/// Writes the buffer to its end, however long that takes. False where this output has come to its end.
bool EntryOutput::write() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    if (stopping_) return false;
    wakeup_->clear();
    // Not in the middle: a line must not end in another file than it began in.
    const bool whole = rest.size() == buffer_.size();
    const auto prepared = whole ? target_.prepare() : towl::Result<void>();
    const auto written =
        prepared ? target_.write_some(rest) : towl::Result<std::size_t>(tl::unexpected(prepared.error()));
    if (written && *written > 0) {
      rest.remove_prefix(*written);
      continue;
    }
    if (written) {
      if (!stopping_) target_.wait(*wakeup_);
      continue;
    }
    fail(written.error());
    if (!target_.can_recover()) return false;
    const auto again = std::chrono::steady_clock::now() + std::chrono::milliseconds(kRetryAfter_ms);
    while (!stopping_ && std::chrono::steady_clock::now() < again) {
      wakeup_->clear();
      if (!stopping_) wakeup_->wait(-1, kRetryAfter_ms);
    }
  }
  buffer_.clear();
  std::lock_guard lock(mutex_);
  error_.clear();
  return true;
}

}  // namespace towld
