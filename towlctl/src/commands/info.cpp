// towlctl info: one file's header and index, and what its entries say.
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "file_facts.hpp"
#include "local_files.hpp"
#include "output/stdout_writer.hpp"
#include "towl/file_reader.hpp"
#include "units.hpp"

namespace towlctl {
namespace {

struct InfoOptions {
  std::string store;
  std::vector<std::string> files;
};

/// What reading all entries tells.
struct Contents {
  std::uint64_t text_bytes = 0;  // senders and texts
  std::uint64_t journal_entries = 0;
  std::optional<towl::Timestamp> earliest = {};
  std::optional<towl::Timestamp> latest = {};
  std::string damage = {};
};

towl::Result<Contents> read_contents(FileFacts& facts) {
  auto reader = towl::FileReader::open(facts.path);
  if (!reader) return tl::unexpected(reader.error());
  Contents contents;
  facts.count = 0;
  for (;;) {
    const auto entry = reader->next();
    if (!entry) {
      contents.damage = entry.error().to_string();
      return contents;
    }
    if (!*entry) return contents;
    ++facts.count;
    contents.text_bytes += (*entry)->sender.size() + (*entry)->log_entry.size();
    if ((*entry)->log_format == towl::LogFormat::journal_json) ++contents.journal_entries;
    contents.earliest = std::min(contents.earliest.value_or((*entry)->received), (*entry)->received);
    contents.latest = std::max(contents.latest.value_or((*entry)->received), (*entry)->received);
  }
}

void line(std::string& out, const std::string& name, const std::string& value) {
  out += name + ":" + std::string(name.size() < 11 ? 11 - name.size() : 1, ' ') + value + "\n";
}

std::string describe(const FileFacts& facts, const Contents& contents) {
  std::string out;
  line(out, "File", facts.path.string());
  line(out, "ID", std::to_string(facts.header.file_id));
  line(out, "Format", "version " + std::to_string(facts.header.version));
  line(out, "Org", printable(facts.header.org));
  line(out, "Title", printable(facts.header.title));
  line(out, "State", state_of(facts));
  line(out, "Opened", format_time(facts.index.opened));
  line(out, "Closed", format_time(facts.index.closed));
  line(out, "Entries",
       format_count(facts.count) +
           (facts.count == facts.index.count ? "" : " (the index page says " + format_count(facts.index.count) + ")"));
  line(out, "Journal", format_count(contents.journal_entries) + " of them are systemd JSON");
  line(out, "First", format_time(facts.index.first));
  line(out, "Last", format_time(facts.index.last));
  line(out, "Earliest", format_time(contents.earliest));
  line(out, "Latest", format_time(contents.latest));
  line(out, "Size", format_bytes(facts.size));
  line(out, "Text", format_bytes(contents.text_bytes) + " of senders and texts");
  if (!contents.damage.empty()) line(out, "Damage", contents.damage);
  return out;
}

nlohmann::ordered_json describe_json(const FileFacts& facts, const Contents& contents) {
  auto json = to_json(facts);
  json["index_count"] = facts.index.count;
  json["journal_entries"] = contents.journal_entries;
  json["text_bytes"] = contents.text_bytes;
  if (contents.earliest) json["earliest"] = format_time(contents.earliest);
  if (contents.latest) json["latest"] = format_time(contents.latest);
  if (!contents.damage.empty()) json["damage"] = contents.damage;
  return json;
}

int info_command(const InfoOptions& options, const Session& session) {
  const auto paths = find_files(local_store(options.store), options.files);
  if (!paths) {
    complain(paths.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  int code = kDone;
  bool first = true;
  for (const auto& path : *paths) {
    auto facts = read_facts(path);
    const auto contents = facts ? read_contents(*facts) : tl::unexpected(facts.error());
    if (!contents) {
      complain(contents.error().to_string());
      code = kFailure;
      continue;
    }
    if (session.json) {
      out.write(describe_json(*facts, *contents).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } else {
      if (!first) out.write("\n");
      out.write(describe(*facts, *contents));
    }
    first = false;
  }
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_info(CLI::App& app, Session& session) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = app.add_subcommand("info", "Show a file's header and index, and count its entries");
  command->add_option("--store", options->store, "Folder of the store or mirror (default: $TOWL_STORE, the mirror)")
      ->option_text("DIR");
  command->add_option("FILE", options->files, "File IDs or paths")->option_text("…")->required();
  command->callback([options, &session] { session.exit_code = info_command(*options, session); });
}

}  // namespace towlctl
