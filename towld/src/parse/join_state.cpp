#include "parse/join_state.hpp"

#include <algorithm>
#include <utility>

#include "limits/limits.hpp"

namespace towld {
namespace {

/// The rest of a line comes at once, if its runtime was not killed.
constexpr std::int64_t kPartialTimeoutNs = 5 * towl::kNanosecondsPerSecond;

std::size_t stream_of(const Draft& draft) {
  const Field* stream = draft.find("stream");
  if (stream == nullptr) return 0;
  if (stream->value == "stdout") return 1;
  return stream->value == "stderr" ? 2 : 0;
}

}  // namespace

void JoinState::restore(const JoinProgress& progress) {
  held_.clear();
  end_ = progress.offset;
  done_ = skip_ = progress.ahead;
}

std::int64_t JoinState::timeout_ns() const {
  std::int64_t timeout = kPartialTimeoutNs;
  for (const Held& held : held_) {
    const JoinRule* rule = held.is_partial ? nullptr : chain_.steps()[held.step]->join_rule();
    if (rule != nullptr) timeout = std::min(timeout, rule->timeout_ns());
  }
  return timeout;
}

JoinProgress JoinState::progress() const {
  JoinProgress progress;
  progress.offset = waiting_.value_or(end_);
  for (const Held& held : held_) progress.offset = std::min(progress.offset, held.begin);
  for (std::size_t i = 0; i < done_.size(); ++i) {
    if (done_[i] > progress.offset) progress.ahead[i] = done_[i];
  }
  return progress;
}

std::uint64_t JoinState::add(Draft& draft, std::uint64_t begin, std::uint64_t end, std::atomic<std::uint64_t>& failures,
                             const Emit& emit) {
  dropped_ = 0;
  end_ = end;
  run(draft, 0, {begin, end}, failures, emit);
  return dropped_;
}

std::uint64_t JoinState::flush(std::atomic<std::uint64_t>& failures, const Emit& emit) {
  dropped_ = 0;
  while (!held_.empty()) {
    const auto first =
        std::min_element(held_.begin(), held_.end(), [](const Held& a, const Held& b) { return a.begin < b.begin; });
    release(first, failures, emit);
  }
  return dropped_;
}

// Through the steps from `step` on.
void JoinState::run(Draft& draft, std::size_t step, Moving moving, std::atomic<std::uint64_t>& failures,
                    const Emit& emit) {
  const auto& steps = chain_.steps();
  for (; step < steps.size(); ++step) {
    const JoinRule* rule = steps[step]->join_rule();
    if (rule != nullptr) {
      if (moving.failed) failures.fetch_add(1, std::memory_order_relaxed);
      return join(draft, step, *rule, moving, failures, emit);
    }
    const auto outcome = steps[step]->apply(draft);
    moving.failed = moving.failed || outcome == Parser::Outcome::failed;
    const std::size_t stream = stream_of(draft);
    if (skip_[stream] >= moving.end) return;  // It was stored before a restart.
    if (outcome == Parser::Outcome::drop) {
      ++dropped_;
      done_[stream] = std::max(done_[stream], moving.end);
      return;
    }
    if (!put_together(draft, step, moving)) return;
  }
  if (moving.failed) failures.fetch_add(1, std::memory_order_relaxed);
  const std::size_t stream = stream_of(draft);
  if (skip_[stream] >= moving.end) return;
  done_[stream] = std::max(done_[stream], moving.end);
  emit(draft);
}

// False if the draft waits for the rest of its line.
bool JoinState::put_together(Draft& draft, std::size_t step, Moving& moving) {
  if (!draft.is_partial && held_.empty()) return true;
  const std::size_t stream = stream_of(draft);
  auto held = find(step, stream, true);
  if (held == held_.end()) {
    if (!draft.is_partial) return true;
    hold(draft, step, stream, true, moving);
    return false;
  }
  append(*held, draft.text, false);
  held->end = moving.end;
  if (draft.is_partial) return false;
  moving.begin = held->begin;
  std::swap(draft, held->draft);
  draft.is_partial = false;
  if (held->original_bytes > draft.text.size()) draft.set(field::kOriginalBytes, std::to_string(held->original_bytes));
  held_.erase(held);
  return true;
}

void JoinState::join(Draft& draft, std::size_t step, const JoinRule& rule, const Moving& moving,
                     std::atomic<std::uint64_t>& failures, const Emit& emit) {
  const std::size_t stream = stream_of(draft);
  if (skip_[stream] >= moving.end) return;
  auto held = find(step, stream, false);
  JoinRule::State state = held != held_.end() ? held->state : JoinRule::State{};
  const bool belongs = rule.belongs(draft.text, state);
  if (held != held_.end() && belongs) {
    append(*held, draft.text, true);
    held->end = moving.end;
    held->state = state;
    if (++held->lines >= rule.max_lines()) release(held, failures, emit);
    return;
  }
  if (held != held_.end()) {
    waiting_ = moving.begin;
    release(held, failures, emit);
    waiting_.reset();
  }
  hold(draft, step, stream, false, moving);
  held_.back().state = state;
}

void JoinState::release(std::list<Held>::iterator held, std::atomic<std::uint64_t>& failures, const Emit& emit) {
  std::list<Held> one;
  one.splice(one.begin(), held_, held);
  Held& taken = one.front();
  taken.draft.is_partial = false;
  if (taken.original_bytes > taken.draft.text.size()) {
    taken.draft.set(field::kOriginalBytes, std::to_string(taken.original_bytes));
  }
  run(taken.draft, taken.step + 1, {taken.begin, taken.end}, failures, emit);
}

std::list<JoinState::Held>::iterator JoinState::find(std::size_t step, std::size_t stream, bool is_partial) {
  return std::find_if(held_.begin(), held_.end(), [&](const Held& held) {
    return held.step == step && held.stream == stream && held.is_partial == is_partial;
  });
}

void JoinState::append(Held& held, std::string_view text, bool is_line) {
  held.original_bytes += text.size() + (is_line ? 1 : 0);
  std::string& to = held.draft.text;
  if (to.size() >= max_bytes_) return;
  if (is_line) to += '\n';
  to += text.substr(0, max_bytes_ - std::min(max_bytes_, to.size()));
}

void JoinState::hold(Draft& draft, std::size_t step, std::size_t stream, bool is_partial, const Moving& moving) {
  Held& held = held_.emplace_back();
  held.step = step;
  held.stream = stream;
  held.is_partial = is_partial;
  held.draft = std::move(draft);
  held.begin = moving.begin;
  held.end = moving.end;
  held.original_bytes = held.draft.text.size();
}

}  // namespace towld
