#include "sync/entry_run.hpp"

#include "towl/entry.hpp"
#include "v1/entry_codec.hpp"

namespace towlctl {

namespace v1 = towl::detail::v1;

EntryRun read_run(std::string_view bytes, std::uint64_t max_count) {
  EntryRun run;
  towl::EntryView entry;
  v1::EntryDecoder decoder;
  while (run.count < max_count && run.bytes < bytes.size()) {
    const v1::Decoded decoded = decoder.decode(bytes.substr(run.bytes), entry);
    if (decoded.found != v1::Found::entry) break;
    if (run.count == 0) run.first = entry.received;
    run.last = entry.received;
    ++run.count;
    run.bytes += decoded.bytes;
  }
  return run;
}

}  // namespace towlctl
