#include "v2/templates.hpp"

#include <algorithm>

#include "v2/hash.hpp"

namespace towl::detail::v2 {
namespace {

char mark_of(const TextSlot& slot) { return slot.nested ? kNestedMark : kSlotMark; }

// Is `written` the template of `text`?
bool matches(std::string_view written, std::string_view text, std::span<const TextSlot> slots) {
  std::size_t at = 0;
  const auto literal = [&](std::size_t begin, std::size_t end, char mark) {
    const std::size_t bytes = end - begin;
    const bool same = written.size() - at > bytes && same_bytes(written.substr(at, bytes), text.substr(begin, bytes)) &&
                      written[at + bytes] == mark;
    at += bytes + 1;
    return same;
  };
  std::size_t from = 0;
  for (const TextSlot& slot : slots) {
    if (!literal(from, slot.begin, mark_of(slot))) {
      return false;
    }
    from = slot.end;
  }
  return literal(from, text.size(), kEndMark) && at == written.size();
}

}  // namespace

bool has_marks(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= static_cast<unsigned char>(kLastMark); });
}

void TemplateTable::clear() {
  templates_.clear();
  by_hash_.clear();
}

std::optional<std::uint32_t> TemplateTable::intern(std::string_view text, std::span<const TextSlot> slots) {
  std::uint64_t hash = 0;
  std::size_t from = 0;
  for (const TextSlot& slot : slots) {
    hash = hash_bytes(hash, text.substr(from, slot.begin - from));
    from = slot.end;
  }
  hash = hash_bytes(hash, text.substr(from));
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) {
    return insert(text, slots, hash);
  }
  Template& known = templates_[found->second];
  if (!matches(known.text, text, slots)) {
    return std::nullopt;
  }
  ++known.uses;
  return found->second;
}

std::optional<std::uint32_t> TemplateTable::insert(std::string_view text, std::span<const TextSlot> slots,
                                                   std::uint64_t hash) {
  if (templates_.size() == kMaxTemplates) {
    return std::nullopt;
  }
  Template made;
  made.uses = 1;
  std::size_t from = 0;
  for (const TextSlot& slot : slots) {
    const std::string_view literal = text.substr(from, slot.begin - from);
    if (has_marks(literal)) {
      return std::nullopt;
    }
    made.text.append(literal).push_back(mark_of(slot));
    if (!slot.nested) {
      made.keys.push_back(slot.key);
    }
    from = slot.end;
  }
  if (has_marks(text.substr(from))) {
    return std::nullopt;
  }
  made.text.append(text.substr(from)).push_back(kEndMark);
  const auto id = static_cast<std::uint32_t>(templates_.size());
  templates_.push_back(std::move(made));
  by_hash_.emplace(hash, id);
  return id;
}

}  // namespace towl::detail::v2
