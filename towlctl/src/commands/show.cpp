// towlctl show: one entry by its address, with its neighbours.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/entry_source.hpp"
#include "files/file_layers.hpp"
#include "files/local_files.hpp"
#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/address.hpp"
#include "towl/query/search.hpp"

namespace towlctl {
namespace {

struct ShowOptions {
  std::string store;
  std::optional<std::string> server;
  OpenCollector open_collector;
  std::string address;
  std::uint64_t context = 0;
  OutputOptions output;
};

/// The store's file that the address is about.
towl::Result<std::filesystem::path> file_of(const towl::Address& address, const std::filesystem::path& store) {
  if (!address.uuid) {
    const auto paths = find_files(store, {std::to_string(address.file_id)});
    if (!paths) return tl::unexpected(paths.error());
    return paths->front();
  }
  const auto paths = find_files(store, {});
  if (!paths) return tl::unexpected(paths.error());
  for (const auto& path : *paths) {
    const auto reader = towl::FileReader::open(path, {.layer = &file_layer()});
    if (reader && reader->header().uuid == *address.uuid) return path;
  }
  return towl::fail(towl::ErrorCode::not_found,
                    "the store has no file with this UUID; `towlctl sync` mirrors what is new", store.string());
}

/// The entry and its neighbours.
towl::Result<Selection> select(const ShowOptions& options, const towl::Address& address) {
  Selection selection;
  const bool has_end = options.context < UINT64_MAX - address.ordinal - 1;
  selection.ranges.push_back({.file = address.file_id,
                              .from = address.ordinal - std::min(address.ordinal, options.context),
                              .end = has_end ? address.ordinal + options.context + 1 : UINT64_MAX,
                              .uuid = address.uuid.value_or(towl::Uuid{})});
  if (options.server) {
    selection.server = options.server;
    selection.open_collector = options.open_collector;
    return selection;
  }
  auto path = file_of(address, local_store(options.store));
  if (!path) return tl::unexpected(path.error());
  selection.paths.push_back(std::move(*path));
  return selection;
}

int show_command(const ShowOptions& options, const Session& session) {
  const auto address = towl::read_address(options.address);
  if (!address) {
    complain("\"" + options.address + "\" is no address: towl://UUID/ORDINAL or FILE:ORDINAL, as grep -n has it");
    return kFailure;
  }
  const auto selection = select(options, *address);
  const auto source = selection ? open_source(*selection, false) : tl::unexpected(selection.error());
  auto entries = source ? (*source)->open({}) : tl::unexpected(source.error());
  if (!entries) {
    complain(entries.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, options.context > 0);
  OutputOptions output = options.output;
  output.terminal = out.is_terminal();
  output.color = use_color(session);
  if (session.json && output.format == OutputFormat::short_) output.format = OutputFormat::json;
  EntryPrinter printer(output);
  out.write(printer.header());
  bool is_there = false;
  bool failed = false;
  for (;;) {
    bool is_match = false;
    const towl::Outcome outcome = (*entries)->next(is_match);
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
      is_there = is_there || found->ordinal == address->ordinal;
      std::string text;
      printer.print(*found, text);
      if (options.context > 0)
        out.write(std::to_string(found->ordinal) + (found->ordinal == address->ordinal ? ":" : "-"));
      out.write(text);
    } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
      complain(unread->error.to_string());
      failed = true;
    } else {
      break;
    }
  }
  if (!is_there && !failed) {
    const std::string where = selection->server.value_or(selection->paths.empty() ? "" : selection->paths[0].string());
    complain(where + ": there is no entry " + std::to_string(address->ordinal));
    failed = true;
  }
  return out.flush() && !failed ? kDone : kFailure;
}

}  // namespace

void add_show(CLI::App& app, Session& session, const OpenCollector& open_collector) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Print one entry by its address, and its neighbours");
  add_word(*command, "--store", options->store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  options->open_collector = open_collector;
  add_word(*command, "--server", options->server, "HOST:PORT", "Ask this collector for it; nothing is mirrored");
  add_number(*command, "-C,--context", options->context, "N", "Also N entries before and after it");
  add_choice(*command, "-o,--output", options->output.format, output_formats(), "FORMAT", "As cat -o");
  command->add_flag("--utc", options->output.utc, "Times in UTC, not local");
  add_word(*command, "ADDRESS", options->address, "", "towl://UUID/ORDINAL, or FILE:ORDINAL as grep -n prints it")
      ->required();
  command->footer(R"(Examples:
  towlctl show 3:47000 -C 20                 entry 47,000 of the file 3, and 20 on either side
  towlctl show towl://0f8e…/12               the same entry in every mirror)");
  command->callback([options, &session] { session.exit_code = show_command(*options, session); });
}

}  // namespace towlctl
