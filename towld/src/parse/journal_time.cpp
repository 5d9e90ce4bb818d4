#include "parse/journal_time.hpp"

#include "parse/source_time.hpp"

namespace towld {
namespace {

constexpr std::int64_t kMicrosecond = 1000;
/// Microseconds since the epoch: when the journal received it.
constexpr std::string_view kJournalTime = "__REALTIME_TIMESTAMP";

}  // namespace

std::optional<towl::Timestamp> JournalTimeReader::read(std::string_view json) {
  draft_.clear();
  if (!members_.read(json, draft_)) return std::nullopt;
  for (const std::string_view name : {field::kSourceTime, kJournalTime}) {
    const Field* said = draft_.find(name);
    const auto time = said != nullptr ? parse_decimal_time(said->value, kMicrosecond) : std::nullopt;
    if (time && *time > 0) return time;
  }
  return draft_.time;
}

}  // namespace towld
