#include "inputs/stream/syslog_entries.hpp"

#include <string>

#include "parse/syslog_message.hpp"

namespace towld {

void SyslogEntries::take(std::string_view message, std::uint64_t bytes, towl::Timestamp received, std::string_view peer,
                         EntrySink& sink) {
  const bool is_cut = bytes > message.size();
  message = without_end_mark(message);
  if (message.empty() && !is_cut) return;
  Draft& draft = sink.draft();
  if (fill_from_syslog(message, received, peer, zone_, draft, &time_cache_) == SyslogForm::unparsed) {
    ++sink.context().counters->parse_failures;
  }
  if (is_cut) {
    draft.set(field::kOriginalBytes, std::to_string(bytes));
    ++sink.context().counters->cut;
  }
  sink.take();
}

}  // namespace towld
