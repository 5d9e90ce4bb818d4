// towlctl retain: removes old files of a collector or of a local store.
#include <grpcpp/client_context.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.hpp"
#include "output/stdout_writer.hpp"
#include "sync/connection.hpp"
#include "sync/interrupt.hpp"
#include "towl/quantity.hpp"
#include "towl/store.hpp"
#include "towl/v1/towl.grpc.pb.h"
#include "units.hpp"

namespace towlctl {
namespace {

struct RetainOptions {
  std::string server;
  std::string store;
  std::string max_age;
  std::string max_bytes;
  std::string keep_free;
  bool dry_run = false;
};

struct Removed {
  towl::FileId file_id = 0;
  std::uint64_t count = 0;
  std::uint64_t size = 0;
};

towl::Result<void> read_keep_free(std::string text, towl::RetentionPolicy& policy) {
  const bool percent = text.ends_with('%');
  if (percent) text.pop_back();
  const auto value = towl::parse_bytes(text);
  if (!value) return tl::unexpected(value.error());
  if (percent && *value > 99) return towl::fail(towl::ErrorCode::invalid_argument, "a percentage must be 0% to 99%");
  if (percent) {
    policy.keep_free_percent = static_cast<double>(*value);
  } else {
    policy.keep_free_bytes = *value;
  }
  return {};
}

towl::Result<towl::RetentionPolicy> read_policy(const RetainOptions& options) {
  towl::RetentionPolicy policy;
  if (!options.max_age.empty()) {
    const auto age = towl::parse_duration(options.max_age);
    if (!age) return tl::unexpected(age.error());
    policy.max_age_ns = *age;
  }
  if (!options.max_bytes.empty()) {
    const auto bytes = towl::parse_bytes(options.max_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    policy.max_bytes = *bytes;
  }
  if (!options.keep_free.empty()) {
    if (auto done = read_keep_free(options.keep_free, policy); !done) return tl::unexpected(done.error());
  }
  return policy;
}

towl::Result<std::vector<Removed>> retain_here(const RetainOptions& options, const towl::RetentionPolicy& policy) {
  const auto files = towl::retain(options.store, policy, options.dry_run);
  if (!files) {
    auto error = files.error();
    if (error.code == towl::ErrorCode::locked)
      error.message = "a collector or a sync writes to this store: use --server";
    return tl::unexpected(error);
  }
  std::vector<Removed> removed;
  for (const auto& file : *files) removed.push_back({file.file_id, file.index.count, file.size});
  return removed;
}

towl::Result<std::vector<Removed>> retain_there(const RetainOptions& options, const towl::RetentionPolicy& policy) {
  Interrupt interrupt;
  const Connection connection(options.server.empty() ? default_server() : options.server);
  if (auto connected = connection.connect(interrupt.token()); !connected) {
    return towl::fail(towl::ErrorCode::io, connected.error().message);
  }
  towl::v1::RetainRequest request;
  if (policy.max_age_ns) request.set_max_age(*policy.max_age_ns);
  if (policy.max_bytes) request.set_max_bytes(*policy.max_bytes);
  if (policy.keep_free_bytes) request.set_keep_free_bytes(*policy.keep_free_bytes);
  if (policy.keep_free_percent) request.set_keep_free_percent(*policy.keep_free_percent);
  request.set_dry_run(options.dry_run);
  towl::v1::RetainResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  const auto status = towl::v1::Towl::NewStub(connection.channel())->Retain(&context, request, &response);
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, connection.server() + ": " + describe(status));
  std::vector<Removed> removed;
  for (const auto& file : response.removed()) removed.push_back({file.file_id(), file.count(), file.size()});
  return removed;
}

int retain_command(const RetainOptions& options, const Session& session) {
  const auto policy = read_policy(options);
  const auto removed = !policy                 ? tl::unexpected(policy.error())
                       : options.store.empty() ? retain_there(options, *policy)
                                               : retain_here(options, *policy);
  if (!removed) {
    complain(removed.error().to_string());
    return kFailure;
  }
  StdoutWriter out(session, false);
  for (const Removed& file : *removed) {
    if (session.json) {
      out.write(nlohmann::ordered_json{
                    {"file_id", file.file_id}, {"count", file.count}, {"size", file.size}, {"dry_run", options.dry_run}}
                    .dump() +
                "\n");
    } else if (!session.quiet) {
      out.write(std::string(options.dry_run ? "would remove" : "removed") + " file " + std::to_string(file.file_id) +
                ": " + format_count(file.count) + " entries, " + format_bytes(file.size) + "\n");
    }
  }
  if (removed->empty() && !session.quiet && !session.json) out.write("nothing to remove\n");
  return out.flush() ? kDone : kFailure;
}

}  // namespace

void add_retain(CLI::App& app, Session& session) {
  auto options = std::make_shared<RetainOptions>();
  CLI::App* command = app.add_subcommand("retain", "Remove old files of a collector or of a local store");
  auto* server =
      command->add_option("--server", options->server, "Collector, HOST:PORT (default: $TOWL_SERVER, 127.0.0.1:50011)");
  auto* store = command->add_option("--store", options->store, "A local store or mirror, instead of a collector");
  store->excludes(server)->option_text("DIR");
  server->option_text("HOST:PORT");
  auto* age = command->add_option("--max-age", options->max_age, "Remove files closed longer ago, e.g. 30d");
  auto* bytes =
      command->add_option("--max-bytes", options->max_bytes, "Remove until the store is no larger, e.g. 100GiB");
  auto* free = command->add_option("--keep-free", options->keep_free,
                                   "Remove until so much of the file system is free, e.g. 10GiB or 5%");
  age->option_text("AGE");
  bytes->option_text("SIZE");
  free->option_text("SIZE|PERCENT");
  command->add_flag("-n,--dry-run", options->dry_run, "Only tell what would be removed");
  command->footer(
      "Removes whole files that are closed, oldest first, never the newest. With none of --max-age,\n"
      "--max-bytes and --keep-free a collector does as its configuration says.");
  command->callback([=, &session] {
    if (!options->store.empty() && age->empty() && bytes->empty() && free->empty()) {
      complain("with --store, say what to remove: --max-age, --max-bytes or --keep-free");
      session.exit_code = kFailure;
      return;
    }
    session.exit_code = retain_command(*options, session);
  });
}

}  // namespace towlctl
