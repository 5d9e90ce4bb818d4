// towlctl info: one file's header and index, and what its entries say.
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "commands/commands.hpp"
#include "commands/each_file.hpp"
#include "files/file_facts.hpp"
#include "files/file_layers.hpp"
#include "output/units.hpp"
#include "towl/file_reader.hpp"
#include "towl/store_filters.hpp"
#include "towl/structure.hpp"

namespace towlctl {
namespace {

/// What is in a file.
struct Contents {
  std::uint64_t text_bytes = 0;                       // senders and texts
  std::optional<std::uint64_t> journal_entries = {};  // known only after reading all entries
  std::optional<towl::Timestamp> earliest = {};
  std::optional<towl::Timestamp> latest = {};
  std::string damage = {};
  std::optional<towl::FileStructure> structure = {};  // of a file of format 2
  std::uint64_t filter_bytes = 0;                     // next to the file; 0: it has no filter there
};

/// For a sealed file, its footer and the headers of its frames say all that is shown, and that never changes.
towl::Result<Contents> sealed_contents(const FileFacts& facts) {
  auto structure = towl::read_structure(facts.path, &file_layer());
  if (!structure) return tl::unexpected(structure.error());
  Contents contents{.text_bytes = facts.index.text_bytes};
  contents.earliest = facts.index.event_min;
  contents.latest = facts.index.event_max;
  contents.structure = std::move(*structure);
  contents.filter_bytes = towl::filter_bytes(facts.path, &file_layer());
  return contents;
}

towl::Result<Contents> read_contents(FileFacts& facts) {
  auto reader = towl::FileReader::open(facts.path, {.layer = &file_layer()});
  if (!reader) return tl::unexpected(reader.error());
  Contents contents{.journal_entries = 0};
  facts.count = 0;
  for (;;) {
    const auto entry = reader->next();
    if (!entry) {
      contents.damage += (contents.damage.empty() ? "" : "; ") + entry.error().to_string();
      if (!reader->continues_behind_damage() || entry.error().code != towl::ErrorCode::corrupt) return contents;
      continue;
    }
    if (!*entry) {
      if (facts.header.version == 1) return contents;
      auto structure = towl::read_structure(facts.path, &file_layer());
      if (!structure) return tl::unexpected(structure.error());
      contents.structure = std::move(*structure);
      return contents;
    }
    ++facts.count;
    contents.text_bytes += (*entry)->sender.size() + (*entry)->log_entry.size();
    if ((*entry)->log_format == towl::LogFormat::journal_json) ++*contents.journal_entries;
    contents.earliest = std::min(contents.earliest.value_or((*entry)->time()), (*entry)->time());
    contents.latest = std::max(contents.latest.value_or((*entry)->time()), (*entry)->time());
  }
}

void line(std::string& out, const std::string& name, const std::string& value) {
  out += name + ":" + std::string(name.size() < 11 ? 11 - name.size() : 1, ' ') + value + "\n";
}

std::string ratio_of(const FileFacts& facts, const Contents& contents) {
  if (contents.text_bytes == 0 || facts.size == 0) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), " (%.2f times the file)",
                static_cast<double>(contents.text_bytes) / static_cast<double>(facts.size));
  return text.data();
}

void describe_structure(const towl::FileStructure& structure, std::string& out) {
  for (const towl::FrameGroup& group : structure.groups) {
    line(out, "Frames",
         format_count(group.frames) + " " + group.what + ", " + format_bytes(group.stored_bytes) +
             (group.entries > 0 ? ", " + format_count(group.entries) + " entries" : ""));
  }
  line(out, "UUID", structure.uuid);
  line(out, "Digest", structure.digest);
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
  if (contents.journal_entries) {
    line(out, "Journal", format_count(*contents.journal_entries) + " of them are systemd JSON");
  }
  line(out, "First", format_time(facts.index.first));
  line(out, "Last", format_time(facts.index.last));
  line(out, "Earliest", format_time(contents.earliest));
  line(out, "Latest", format_time(contents.latest));
  line(out, "Size", format_bytes(facts.size));
  line(out, "Text", format_bytes(contents.text_bytes) + " of senders and texts" + ratio_of(facts, contents));
  if (contents.structure) describe_structure(*contents.structure, out);
  if (contents.filter_bytes > 0) line(out, "Filter", format_bytes(contents.filter_bytes) + " next to the file");
  if (!contents.damage.empty()) line(out, "Damage", contents.damage);
  return out;
}

nlohmann::ordered_json describe_json(const FileFacts& facts, const Contents& contents) {
  auto json = to_json(facts);
  json["index_count"] = facts.index.count;
  if (contents.journal_entries) json["journal_entries"] = *contents.journal_entries;
  json["text_bytes"] = contents.text_bytes;
  if (contents.earliest) json["earliest"] = format_time(contents.earliest);
  if (contents.latest) json["latest"] = format_time(contents.latest);
  if (contents.filter_bytes > 0) json["filter_bytes"] = contents.filter_bytes;
  if (!contents.damage.empty()) json["damage"] = contents.damage;
  if (contents.structure) {
    json["uuid"] = contents.structure->uuid;
    json["digest"] = contents.structure->digest;
    json["frames"] = nlohmann::ordered_json::array();
    for (const towl::FrameGroup& group : contents.structure->groups) {
      json["frames"].push_back({{"what", group.what},
                                {"frames", group.frames},
                                {"entries", group.entries},
                                {"stored_bytes", group.stored_bytes},
                                {"text_bytes", group.text_bytes}});
    }
  }
  return json;
}

int info_command(const FileOptions& options, bool reads_all, const Session& session) {
  StdoutWriter out(session, false);
  bool first = true;
  const int code = for_each_file(options, out, [&](const std::filesystem::path& path) -> towl::Result<void> {
    auto facts = read_facts(path);
    if (!facts) return tl::unexpected(facts.error());
    const auto contents = facts->index.sealed && !reads_all ? sealed_contents(*facts) : read_contents(*facts);
    if (!contents) return tl::unexpected(contents.error());
    if (!session.json && !std::exchange(first, false)) out.write("\n");
    out.write(session.json ? to_line(describe_json(*facts, *contents)) : describe(*facts, *contents));
    return {};
  });
  return out.flush() ? code : kFailure;
}

}  // namespace

void add_info(CLI::App& app, Session& session) {
  auto options = std::make_shared<FileOptions>();
  auto reads_all = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("info", "Show a file's header and index, and count its entries");
  declare_files(*command, *options, true);
  command->add_flag("--read", *reads_all, "Read all entries of sealed files, too: what they are, and damage");
  command->footer(
      "Reads the whole file, so that entries are counted and not guessed from its index page; of a sealed file, which\n"
      "does not change any more, its footer and frame headers alone.\n\n"
      "Exit codes: 0 done; 2 a file could not be read.");
  command->callback(
      [options, reads_all, &session] { session.exit_code = info_command(*options, *reads_all, session); });
}

}  // namespace towlctl
