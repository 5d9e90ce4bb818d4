#include "ingest/producers.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace towld {
namespace {

constexpr std::string_view kProducerPrefix = "producer/";

// The number at the front of `text`, which is taken off.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

}  // namespace

std::string format_progress(const Progress& progress) {
  std::string text = std::to_string(progress.sequence);
  if (progress.more > 0) text += "+" + std::to_string(progress.more);
  if (!progress.owner.empty()) text += " " + progress.owner;
  return text;
}

std::optional<Progress> parse_progress(std::string_view text) {
  Progress progress;
  if (!take_number(text, progress.sequence)) return std::nullopt;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (!take_number(text, progress.more)) return std::nullopt;
  }
  if (text.size() > 1 && text.front() == ' ') {
    progress.owner = text.substr(1);
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  return progress;
}

std::string source_of_producer(std::string_view producer_id) {
  return std::string(kProducerPrefix) + std::string(producer_id);
}

std::optional<std::string_view> producer_of_source(std::string_view source) {
  if (!source.starts_with(kProducerPrefix)) return std::nullopt;
  return source.substr(kProducerPrefix.size());
}

Progress Producers::progress(const std::string& producer_id) const {
  const auto found = by_id_.find(producer_id);
  return found == by_id_.end() ? Progress{} : found->second->second;
}

std::string Producers::forget(Known::iterator producer) {
  std::string id = std::move(producer->first);
  const auto owner = of_owner_.find(producer->second.owner);
  if (owner != of_owner_.end() && --owner->second == 0) of_owner_.erase(owner);
  by_id_.erase(id);
  known_.erase(producer);
  return id;
}

std::optional<std::string> Producers::stored(const std::string& producer_id, const Progress& progress) {
  if (const auto found = by_id_.find(producer_id); found != by_id_.end()) {
    const auto known = found->second;
    if (known->second.owner != progress.owner) {
      const auto before = of_owner_.find(known->second.owner);
      if (before != of_owner_.end() && --before->second == 0) of_owner_.erase(before);
      ++of_owner_[progress.owner];
    }
    known->second = progress;
    known_.splice(known_.begin(), known_, known);
    return std::nullopt;
  }
  known_.emplace_front(producer_id, progress);
  by_id_[producer_id] = known_.begin();
  const std::size_t of_owner = ++of_owner_[progress.owner];
  if (!progress.owner.empty() && of_owner > max_an_owner_) {
    const auto is_own = [&](const auto& producer) { return producer.second.owner == progress.owner; };
    return forget(std::prev(std::find_if(known_.rbegin(), known_.rend(), is_own).base()));
  }
  if (known_.size() <= max_producers_) return std::nullopt;
  return forget(std::prev(known_.end()));
}

void Producers::lost(const std::string& producer_id, const Progress& progress) {
  const auto found = by_id_.find(producer_id);
  if (found == by_id_.end()) return;
  found->second->second.sequence = progress.sequence;
  found->second->second.more = progress.more;
}

}  // namespace towld
