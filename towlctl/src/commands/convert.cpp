// towlctl convert: the same entries in a file of another format.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "files/file_facts.hpp"
#include "files/local_files.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "output/units.hpp"
#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/record/record_view.hpp"
#include "towl/seal.hpp"

namespace towlctl {
namespace {

struct ConvertOptions {
  std::string store;
  std::string file;
  std::string output;
  towl::FileFormat to = towl::FileFormat::v2;
};

/// Format 1 has no event times: a conversion from it takes entries in, with the time that their text says.
class TimeReader {
 public:
  void set_time(towl::EntryView& entry) {
    record_.set(entry);
    bool is_unreadable = false;
    if (const auto time = record_.said_time(zone_, is_unreadable)) entry.set_time(*time);
  }

 private:
  towl::RecordView record_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
};

// Entries of either format may be larger than those that are written today.
towl::Result<void> copy_entries(towl::FileReader& reader, towl::FileWriter& writer) {
  std::optional<TimeReader> times;
  if (reader.header().version == 1) times.emplace();
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return tl::unexpected(entry.error());
    if (!*entry) return {};
    if (reader.ordinal() != writer.appended().ordinal) {
      return towl::fail(towl::ErrorCode::corrupt, "entries before entry " + std::to_string(reader.ordinal()) +
                                                      " were lost: a file with a gap cannot be converted");
    }
    towl::EntryView copy = **entry;
    if (times) times->set_time(copy);
    if (auto appended = writer.append(copy); !appended) return tl::unexpected(appended.error());
  }
}

towl::Result<FileFacts> convert(const std::filesystem::path& from, const ConvertOptions& options) {
  auto reader = towl::FileReader::open(from);
  if (!reader) return tl::unexpected(reader.error());
  const towl::Header& header = reader->header();
  const towl::Index index = reader->index();
  auto writer = towl::FileWriter::create(options.output,
                                         {.file_id = header.file_id,
                                          .org = header.org,
                                          .title = header.title,
                                          .opened = index.opened,
                                          .format = options.to},
                                         {.max_entry_bytes = towl::kMaxReadEntryBytes});
  if (!writer && writer.error().code == towl::ErrorCode::already_exists) {
    return towl::fail(towl::ErrorCode::already_exists, "it is there already: name another file with -o",
                      options.output);
  }
  if (!writer) return tl::unexpected(writer.error());
  auto done = copy_entries(*reader, *writer);
  if (done) done = index.closed ? writer->close(*index.closed) : writer->sync();
  if (done && index.closed && options.to == towl::FileFormat::v2) {
    if (auto sealed = towl::seal(options.output); !sealed) done = tl::unexpected(sealed.error());
  }
  if (!done) {
    std::error_code ignored;
    std::filesystem::remove(options.output, ignored);  // Half a file helps nobody; what failed is the error.
    return tl::unexpected(done.error());
  }
  return read_facts(options.output);
}

int convert_command(const ConvertOptions& options, const Session& session) {
  StdoutWriter out(session, false);
  const auto paths = find_files(local_store(options.store), {options.file});
  if (!paths) {
    complain(paths.error().to_string());
    return kFailure;
  }
  const auto before = read_facts(paths->front());
  const auto after = before ? convert(paths->front(), options) : before;
  if (!after) {
    complain(after.error().to_string());
    return kFailure;
  }
  if (session.json) {
    out.write(to_line(to_json(*after)));
  } else if (!session.quiet) {
    out.write(options.output + ": format " + std::to_string(after->header.version) + ", " + state_of(*after) + ", " +
              format_count(after->count) + " entries, " + format_bytes(after->size) + " (were " +
              format_bytes(before->size) + ")\n");
  }
  return out.flush() ? kDone : kFailure;
}

}  // namespace

void add_convert(CLI::App& app, Session& session) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Write a file's entries to a file of another format");
  const std::map<std::string, towl::FileFormat> formats = {{"v1", towl::FileFormat::v1}, {"v2", towl::FileFormat::v2}};
  add_choice(*command, "--to", options->to, formats, "v1|v2", "Format of the new file: v1, v2")->required();
  add_word(*command, "--store", options->store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_word(*command, "FILE", options->file, "", "File ID or path")->required();
  add_word(*command, "-o,--output", options->output, "OUT", "The new file, which must not be there")->required();
  command->footer(R"(Example:
  towlctl convert 3 --to v1 -o 3-for-others.towl

ID, org, title, times and entries stay the same, but format 1 has no event times. A closed file becomes a
sealed one in format 2. The file that is converted is only read.)");
  command->callback([options, &session] { session.exit_code = convert_command(*options, session); });
}

}  // namespace towlctl
