#include "inputs/journald/journal.hpp"

#include <stdlib.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

#include "towl/limits.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

tl::unexpected<towl::Error> failed(const char* what, int result, const std::string& file = {}) {
  return towl::fail(towl::error_from_errno(-result, what, file));
}

/// As journalctl's -u: what the unit's processes log, what the manager and others log about it, and its core dumps.
int match_unit(sd_journal* journal, const std::string& name) {
  const std::string unit = name.find('.') == std::string::npos ? name + ".service" : name;
  const std::vector<std::vector<std::string>> groups = {
      {"_SYSTEMD_UNIT=" + unit},  {"MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_UNIT=" + unit},
      {"_PID=1", "UNIT=" + unit}, {"_UID=0", "OBJECT_SYSTEMD_UNIT=" + unit},
      {"_SYSTEMD_SLICE=" + unit},
  };
  for (const auto& group : groups) {
    if (group.front().starts_with("_SYSTEMD_SLICE") && !unit.ends_with(".slice")) continue;
    for (const std::string& match : group) {
      if (const int r = sd_journal_add_match(journal, match.data(), match.size()); r < 0) return r;
    }
    if (const int r = sd_journal_add_disjunction(journal); r < 0) return r;
  }
  return 0;
}

/// As systemd's: capitals, digits and underscores, no digit first.
bool is_valid_name(std::string_view name) {
  constexpr std::size_t kMaxNameBytes = 64;
  if (name.empty() || name.size() > kMaxNameBytes || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

/// A field that occurs again: its values become an array.
void add_value(Field& field, std::string_view value) {
  std::string values = "[";
  if (field.is_json) {
    values.assign(field.value, 0, field.value.size() - 1);
  } else {
    towl::append_journal_text(field.value, values);
  }
  values += ',';
  towl::append_journal_text(value, values);
  values += ']';
  field.value = std::move(values);
  field.is_json = true;
}

/// The part of a cursor that `key` names: "s=…;i=…;b=…".
std::string_view part_of(std::string_view cursor, std::string_view key) {
  for (std::size_t begin = 0; begin < cursor.size();) {
    const std::size_t end = std::min(cursor.find(';', begin), cursor.size());
    const std::string_view part = cursor.substr(begin, end - begin);
    if (part.starts_with(key)) return part.substr(key.size());
    begin = end + 1;
  }
  return {};
}

towl::Timestamp to_time(std::uint64_t microseconds) {
  return static_cast<towl::Timestamp>(std::min<std::uint64_t>(microseconds, INT64_MAX / 1000) * 1000);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> sequence_of(std::string_view cursor) {
  const std::string_view text = part_of(cursor, "i=");
  std::uint64_t sequence = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), sequence, 16);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return sequence;
}

}  // namespace

void Journal::Close::operator()(sd_journal* journal) const { sd_journal_close(journal); }

towl::Result<Journal> Journal::open(const std::string& directory, const std::vector<std::string>& units) {
  sd_journal* opened = nullptr;
  const int r = directory.empty() ? sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY)
                                  : sd_journal_open_directory(&opened, directory.c_str(), 0);
  std::unique_ptr<sd_journal, Close> journal(opened);
  if (r < 0) return failed("cannot open the journal", r, directory);
  for (const std::string& unit : units) {
    if (const int matched = match_unit(journal.get(), unit); matched < 0) {
      return failed("the journal cannot look for the unit", matched, unit);
    }
  }
  // Otherwise fields of more than 64 KiB are cut. What is too large for an entry is cut later, and said to be.
  if (const int set = sd_journal_set_data_threshold(journal.get(), towl::kMaxReadEntryBytes); set < 0) {
    return failed("the journal refuses the limit of its fields", set);
  }
  // Before anything is read: from now on changes are noticed.
  const int fd = sd_journal_get_fd(journal.get());
  if (fd < 0) return failed("the journal's changes cannot be watched", fd, directory);
  return Journal(std::move(journal), fd);
}

towl::Result<void> Journal::seek_head() {
  is_at_next_ = false;
  if (const int r = sd_journal_seek_head(journal_.get()); r < 0) return failed("cannot go to the journal's begin", r);
  return {};
}

towl::Result<std::optional<std::string>> Journal::seek_tail() {
  is_at_next_ = false;
  if (const int r = sd_journal_seek_tail(journal_.get()); r < 0) return failed("cannot go to the journal's end", r);
  // The end is no place to go on from; the last entry is.
  const int r = sd_journal_previous(journal_.get());
  if (r < 0) return failed("cannot go to the journal's end", r);
  if (r == 0) {
    if (auto done = seek_head(); !done) return towl::fail(std::move(done.error()));
    return std::nullopt;
  }
  auto last = cursor();
  if (!last) return towl::fail(std::move(last.error()));
  return std::optional(std::move(*last));
}

towl::Result<bool> Journal::seek_behind(const std::string& cursor) {
  is_at_next_ = false;
  if (const int r = sd_journal_seek_cursor(journal_.get(), cursor.c_str()); r < 0) {
    return failed("cannot go to a position in the journal", r);
  }
  const int r = sd_journal_next(journal_.get());
  if (r < 0) return failed("cannot read the journal", r);
  if (r == 0) return false;
  const int same = sd_journal_test_cursor(journal_.get(), cursor.c_str());
  if (same < 0) return failed("cannot read the journal", same);
  is_at_next_ = same == 0;
  return same > 0;
}

towl::Result<bool> Journal::next() {
  if (std::exchange(is_at_next_, false)) return true;
  const int r = sd_journal_next(journal_.get());
  if (r < 0) return failed("cannot read the journal", r);
  return r > 0;
}

towl::Result<std::string> Journal::cursor() const {
  char* text = nullptr;
  const int r = sd_journal_get_cursor(journal_.get(), &text);
  const std::unique_ptr<char, decltype(&::free)> owner(text, &::free);
  if (r < 0) return failed("cannot tell the position in the journal", r);
  return std::string(text);
}

towl::Result<void> Journal::read(Draft& draft) {
  auto position = cursor();
  if (!position) return towl::fail(std::move(position.error()));
  std::uint64_t realtime_us = 0;
  std::uint64_t monotonic_us = 0;
  sd_id128_t boot{};
  if (const int r = sd_journal_get_realtime_usec(journal_.get(), &realtime_us); r < 0) {
    return failed("cannot read an entry of the journal", r);
  }
  if (const int r = sd_journal_get_monotonic_usec(journal_.get(), &monotonic_us, &boot); r < 0) {
    return failed("cannot read an entry of the journal", r);
  }
  std::array<char, SD_ID128_STRING_MAX> boot_text{};
  draft.is_from_journal = true;
  draft.may_lack_message = true;
  draft.time = to_time(realtime_us);
  draft.fields.push_back({"__CURSOR", std::move(*position)});
  draft.fields.push_back({"__REALTIME_TIMESTAMP", std::to_string(realtime_us)});
  draft.fields.push_back({"__MONOTONIC_TIMESTAMP", std::to_string(monotonic_us)});
  draft.fields.push_back({"_BOOT_ID", sd_id128_to_string(boot, boot_text.data())});
  return read_data(draft);
}

towl::Result<void> Journal::read_data(Draft& draft) {
  sd_journal_restart_data(journal_.get());
  for (;;) {
    const void* data = nullptr;
    std::size_t size = 0;
    const int r = sd_journal_enumerate_available_data(journal_.get(), &data, &size);
    if (r < 0) {
      return towl::fail(towl::ErrorCode::corrupt,
                        towl::error_from_errno(-r, "cannot read an entry of the journal", "").message);
    }
    if (r == 0) break;
    const std::string_view text(static_cast<const char*>(data), size);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    // That of the entry itself is there already.
    if (!is_valid_name(name) || name == "_BOOT_ID") continue;
    const std::string_view value = text.substr(equals + 1);
    const auto same =
        std::find_if(draft.fields.begin(), draft.fields.end(), [&](const Field& field) { return field.name == name; });
    if (same == draft.fields.end()) {
      draft.fields.push_back({std::string(name), std::string(value)});
    } else {
      add_value(*same, value);
    }
  }
  // An only MESSAGE is the text, for the parsers; one without a text remains a field, to be told from none.
  const auto message = std::find_if(draft.fields.begin(), draft.fields.end(),
                                    [](const Field& field) { return field.name == field::kMessage; });
  if (message != draft.fields.end() && !message->is_json && !message->value.empty()) {
    draft.text = std::move(message->value);
    draft.fields.erase(message);
  }
  // When it happened, if its source says that; else when the journal received it.
  if (const Field* source = draft.find(field::kSourceTime); source != nullptr && !source->is_json) {
    const auto source_us = number_in(source->value);
    if (source_us && *source_us > 0) draft.time = to_time(*source_us);
    draft.is_time_unreadable = !source_us;
  }
  if (const Field* host = draft.find(field::kHost); host != nullptr && !host->is_json) draft.sender = host->value;
  return {};
}

void Journal::process() { sd_journal_process(journal_.get()); }

std::optional<std::uint64_t> entries_between(const std::string& before, const std::string& after) {
  const std::string_view id = part_of(before, "s=");
  const auto first = sequence_of(before);
  const auto last = sequence_of(after);
  if (id.empty() || id != part_of(after, "s=") || !first || !last || *last <= *first) return std::nullopt;
  return *last - *first - 1;
}

}  // namespace towld
