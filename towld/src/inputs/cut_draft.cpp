#include "inputs/cut_draft.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "limits/limits.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/names.hpp"

namespace towld {
namespace {

/// What a field adds to an object in addition to its name and value: quotes, a colon, a comma.
constexpr std::size_t kMemberBytes = 6;

bool is_ours(std::string_view name) {
  return name == field::kOriginalBytes || name == field::kCut || name == field::kUnparsed || name == field::kMessage;
}

/// Says what the entry is, and is short.
bool is_kept(const Field& field) {
  return is_ours(field.name) ||
         (field.value.size() <= kCutFieldBytes && towl::meaning_of(field.name).meaning != towl::Meaning::none);
}

std::size_t stored_bytes(std::string_view text) {
  std::string json;
  towl::append_json_text(text, json);
  return json.size();
}

std::size_t stored_bytes(const Field& field) {
  return field.name.size() + kMemberBytes + (field.is_json ? field.value.size() : stored_bytes(field.value));
}

class Cutter {
 public:
  Cutter(std::size_t limit, Draft& draft) : limit_(limit), draft_(draft), text_bytes_(stored_bytes(draft.text)) {
    total_ = text_bytes_;
    for (const Field& field : draft.fields) total_ += stored_bytes(field);
  }

  void run() {
    const std::size_t text_size = draft_.text.size();
    // The large ones first, whatever they are; then, if there are too many small ones, these.
    while (is_over() && cut_largest(kCutFieldBytes)) {
    }
    if (is_over()) cut_text(std::max(largest_field_bytes(), kCutFlagBytes));
    while (is_over() && cut_largest(0)) {
    }
    if (is_over()) cut_text(0);
    if (draft_.text.size() < text_size && draft_.find(field::kOriginalBytes) == nullptr) {
      draft_.set(field::kOriginalBytes, std::to_string(text_size));
    }
    if (!named_.empty()) draft_.set(field::kCut, named_ + '}', true);
  }

 private:
  bool is_over() const { return total_ + named_.size() + kCutFlagBytes > limit_; }

  std::size_t largest_field_bytes() const {
    std::size_t bytes = 0;
    for (const Field& field : draft_.fields) {
      if (!is_kept(field)) bytes = std::max(bytes, stored_bytes(field));
    }
    return bytes;
  }

  /// Cuts the largest part of more than `least` bytes. False if there is none.
  bool cut_largest(std::size_t least) {
    Field* largest = nullptr;
    std::size_t bytes = least;
    for (Field& field : draft_.fields) {
      if (is_kept(field) || stored_bytes(field) <= bytes + field.name.size() + kMemberBytes) continue;
      if (least > 0 && field.value.size() <= least) continue;
      bytes = stored_bytes(field);
      largest = &field;
    }
    if (least > 0 && !is_text_cut_ && text_bytes_ > std::max(bytes, least)) {
      cut_text(least);
      return true;
    }
    if (largest == nullptr) return false;
    cut_field(*largest, least);
    return true;
  }

  /// To what the others leave, and at least `least` bytes.
  void cut_text(std::size_t least) {
    is_text_cut_ = true;
    const std::size_t others = total_ - text_bytes_ + named_.size() + kCutFlagBytes;
    const std::size_t room = std::max(limit_ > others ? limit_ - others : 0, least);
    while (text_bytes_ > room && !draft_.text.empty()) {
      const std::size_t size = draft_.text.size();
      const std::size_t wanted = std::min(size - size / 64 - 1, size * room / text_bytes_);
      draft_.text.resize(cut_length(draft_.text, wanted));
      set_text_bytes(stored_bytes(draft_.text));
    }
  }

  void cut_field(Field& field, std::size_t keep) {
    name(field);
    total_ -= stored_bytes(field);
    if (keep > 0 && !field.is_json && towl::is_utf8(field.value)) {
      field.value.resize(cut_length(field.value, keep));
      total_ += stored_bytes(field);
      // Control characters take six bytes each.
      if (stored_bytes(field) <= 2 * keep) return;
      total_ -= stored_bytes(field);
    }
    const std::string name = field.name;
    draft_.remove(name);
  }

  void name(const Field& field) {
    if (++named_count_ > kMaxNamedCuts || field.name.size() > kCutFieldBytes) return;
    std::string member(named_.empty() ? "{" : ",");
    towl::append_json_name(field.name, member);
    named_ += member + ':' + std::to_string(field.value.size());
  }

  void set_text_bytes(std::size_t bytes) {
    total_ = total_ - text_bytes_ + bytes;
    text_bytes_ = bytes;
  }

  const std::size_t limit_;
  Draft& draft_;
  std::size_t text_bytes_;
  std::size_t total_ = 0;
  bool is_text_cut_ = false;
  std::string named_;
  std::size_t named_count_ = 0;
};

}  // namespace

void cut_draft(std::size_t limit, Draft& draft) { Cutter(limit, draft).run(); }

std::size_t cut_length(std::string_view text, std::size_t bytes) {
  if (bytes >= text.size()) return text.size();
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return bytes;
}

}  // namespace towld
