#include "inputs/submissions.hpp"

#include "limits/limits.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace towld {
namespace {

using namespace std::chrono_literals;

}  // namespace

/// Shared with the answers.
struct Submissions::State {
  mutable std::mutex mutex;
  std::deque<Batch> kept;  ///< Not stored yet, in order; without `done`.
  std::size_t unanswered = 0;
  bool failed = false;  ///< The first of `kept` and all after it must be submitted again.
  bool any_stored = false;
  std::string error;
};

Submissions::Submissions(Ingest& ingest, std::shared_ptr<Wakeup> wakeup)
    : ingest_(ingest), wakeup_(std::move(wakeup)), state_(std::make_shared<State>()) {}

void Submissions::submit(Batch batch) {
  batch.read_again = true;
  {
    std::lock_guard lock(state_->mutex);
    state_->kept.push_back(batch);
  }
  hand_over(std::move(batch));
}

void Submissions::hand_over(Batch batch) {
  {
    std::lock_guard lock(state_->mutex);
    ++state_->unanswered;
  }
  batch.stream = stream_;
  batch.done = [state = state_, wakeup = wakeup_](const towl::Result<Acknowledgement>& answer) {
    std::lock_guard lock(state->mutex);
    --state->unanswered;
    if (answer) {
      // Answers come in order, and after a failure there is no success.
      state->kept.pop_front();
      state->any_stored = true;
      state->error.clear();
    } else {
      // Those after it fail because it did.
      if (!std::exchange(state->failed, true)) state->error = answer.error().to_string();
    }
    if (state->kept.empty() || (state->failed && state->unanswered == 0)) wakeup->wake();
  };
  ingest_.submit(std::move(batch));
}

bool Submissions::may_read() {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->failed) return false;
  }
  return ingest_.has_room_or([wakeup = wakeup_] { wakeup->wake(); });
}

std::optional<std::chrono::milliseconds> Submissions::retry() {
  std::vector<Batch> again;
  {
    std::lock_guard lock(state_->mutex);
    if (std::exchange(state_->any_stored, false)) back_off_.progressed();
    if (!state_->failed) return std::nullopt;
    if (state_->unanswered > 0) return kLongestSubmissionPause;  // woken before
    const auto now = Clock::now();
    if (!retry_at_) retry_at_ = now + back_off_.next();
    if (now < *retry_at_) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(*retry_at_ - now) + 1ms;
    }
    retry_at_.reset();
    state_->failed = false;
    again.assign(state_->kept.begin(), state_->kept.end());
  }
  stream_ = std::make_shared<BatchStream>();
  for (Batch& batch : again) hand_over(std::move(batch));
  return std::nullopt;
}

bool Submissions::all_stored() const { return unstored() == 0; }

std::uint64_t Submissions::give_up() {
  std::lock_guard lock(state_->mutex);
  if (!state_->failed || state_->unanswered > 0) return 0;
  std::uint64_t count = 0;
  for (const Batch& batch : state_->kept) count += batch.entries.size();
  state_->kept.clear();
  return count;
}

std::string Submissions::error() const {
  std::lock_guard lock(state_->mutex);
  return state_->error;
}

std::size_t Submissions::unstored() const {
  std::lock_guard lock(state_->mutex);
  return state_->kept.size();
}

}  // namespace towld
