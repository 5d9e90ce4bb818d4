#include "outputs/s3/archiver.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "limits/limits.hpp"
#include "outputs/backlog.hpp"
#include "towl/file_name.hpp"
#include "towl/query/address.hpp"
#include "towl/store_filters.hpp"

namespace towld {
namespace {

constexpr const char* kUuid = "towl-uuid";
constexpr const char* kSha256 = "towl-sha256";

std::string day_of(towl::Timestamp time) { return std::string(towl::format_rfc3339(time).view().substr(0, 10)); }

nlohmann::ordered_json time_or_null(const std::optional<towl::Timestamp>& time) {
  if (!time) return nullptr;
  return std::string(towl::format_rfc3339(*time).view());
}

nlohmann::ordered_json line_of(const towl::ServedFile& file, const std::string& digest) {
  const towl::Index& index = file.index;
  return {{"file_id", file.file_id()},
          {"name", towl::file_name(file.file_id())},
          {"uuid", towl::uuid_text(file.header.uuid)},
          {"org", file.header.org},
          {"title", file.header.title},
          {"entries", index.count},
          {"bytes", file.size},
          {"sha256", digest},
          {"sealed", index.sealed},
          {"opened", time_or_null(index.opened)},
          {"closed", time_or_null(index.closed)},
          {"first", time_or_null(index.event_min ? index.event_min : index.first)},
          {"last", time_or_null(index.event_max ? index.event_max : index.last)}};
}

/// Calls `take` with the file's bytes, `step` at a time.
template <class Take>
towl::Result<void> read_pieces(towl::File& file, std::uint64_t size, std::size_t step, const Take& take) {
  for (std::uint64_t at = 0; at < size;) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(step, size - at)), '\0');
    const auto got = file.read_at(at, piece);
    if (!got) return towl::fail(got.error());
    if (*got != piece.size()) return towl::fail(towl::ErrorCode::io, "the file became shorter while it was archived");
    at += piece.size();
    if (auto taken = take(std::move(piece)); !taken) return taken;
  }
  return {};
}

}  // namespace

class Archiver::Listener : public towl::StoreListener {
 public:
  explicit Listener(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}
  void store_changed() override { wakeup_->wake(); }

 private:
  std::shared_ptr<Wakeup> wakeup_;
};

towl::Result<std::unique_ptr<Output>> Archiver::start(const ArchiveConfig& config, OutputContext context) {
  if (auto good = towl::web::find_s3_credentials(config.credentials_file); !good) return towl::fail(good.error());
  DurableCursor cursor(context.cursor_folder, context.name, *context.layer);
  const auto saved = cursor.load();
  if (!saved && saved.error().code != towl::ErrorCode::corrupt) return towl::fail(saved.error());
  towl::FileId archived = 0;
  if (saved && *saved) {
    // Another store's, if the file is there and is another one; one that is gone cannot be asked.
    const auto file = towl::Catalog(context.ingest->reader(), context.ingest->state()).find((*saved)->file_id);
    if (!file) return towl::fail(file.error());
    if (!*file || (*file)->header.uuid == (*saved)->uuid) archived = (*saved)->file_id;
  }
  if (archived == 0 && context.log && (!saved || *saved)) {
    context.log->warn("output {}: {} is passed over: what is archived is found out by asking", context.name,
                      cursor.path().string());
  }
  auto wakeup = Wakeup::create();
  if (!wakeup) return towl::fail(std::move(wakeup.error()));
  auto archiver =
      std::make_unique<Archiver>(config, std::move(context), std::move(cursor), archived, std::move(*wakeup));
  archiver->hold();
  archiver->context_.ingest->state().add(archiver->listener_);
  archiver->thread_ = std::jthread([self = archiver.get()] { self->run(); });
  return archiver;
}

Archiver::Archiver(ArchiveConfig config, OutputContext context, DurableCursor cursor, towl::FileId archived,
                   std::shared_ptr<Wakeup> wakeup)
    : config_(std::move(config)),
      context_(std::move(context)),
      cursor_(std::move(cursor)),
      wakeup_(std::move(wakeup)),
      listener_(std::make_shared<Listener>(wakeup_)),
      catalog_(context_.ingest->reader(), context_.ingest->state(), context_.layer),
      back_off_(kFirstOutputPause, kLongestArchivePause) {
  status_.file_id = archived + 1;
  status_.remotes = {config_.endpoint};
}

void Archiver::stop() {
  stopping_ = true;
  wakeup_->wake();
  if (thread_.joinable()) thread_.join();
}

void Archiver::retire() { context_.ingest->hold(context_.name, std::nullopt); }

OutputStatus Archiver::status() const {
  OutputStatus status;
  {
    std::lock_guard lock(mutex_);
    status = status_;
  }
  status.connected = status.error.empty();
  if (const auto files = catalog_.files()) {
    const Backlog backlog = backlog_behind(*files, status.file_id, 0);
    status.backlog_entries = backlog.entries;
    status.backlog_bytes = backlog.bytes;
  }
  return status;
}

void Archiver::fail(const towl::Error& error) {
  if (error.code == towl::ErrorCode::closed) return;
  const std::string message = error.to_string();
  std::lock_guard lock(mutex_);
  if (message != status_.error && context_.log) context_.log->error("output {}: {}", context_.name, message);
  status_.error = message;
  ++status_.failures;
  store_.reset();
}

void Archiver::run() {
  while (!stopping_) {
    wakeup_->clear();
    const auto archived = archive_next();
    if (archived && *archived) continue;
    if (!archived) fail(archived.error());
    remove_old();
    if (stopping_) break;
    const auto pause = archived ? std::chrono::milliseconds(kArchiveTick) : back_off_.next();
    const auto until = std::chrono::steady_clock::now() + pause;
    // After a failure what wakes is not waited for: the store changes many times a second.
    do {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      wakeup_->wait(-1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
      if (!archived) wakeup_->clear();
    } while (!archived && !stopping_ && std::chrono::steady_clock::now() < until);
  }
}

/// False: there is nothing to archive now.
towl::Result<bool> Archiver::archive_next() {
  const auto files = catalog_.files();
  if (!files) return towl::fail(files.error());
  const auto next = std::find_if(files->closed->begin(), files->closed->end(),
                                 [&](const towl::ServedFile& file) { return file.file_id() >= status_.file_id; });
  if (next == files->closed->end()) return false;
  const bool is_ready = next->index.closed && (!config_.sealed || next->index.sealed || next->header.version == 1);
  if (!is_ready) return false;
  if (auto connected = connect(); !connected) return towl::fail(std::move(connected.error()));
  if (auto done = archive(*next); !done) return towl::fail(std::move(done.error()));
  if (auto saved = cursor_.save({next->file_id(), next->header.uuid, next->index.count, {}}); !saved) {
    return towl::fail(std::move(saved.error()));
  }
  back_off_.progressed();
  {
    std::lock_guard lock(mutex_);
    status_.missed_files += next->file_id() - status_.file_id;
    status_.file_id = next->file_id() + 1;
    status_.entries += next->index.count;
    status_.error.clear();
  }
  hold();
  return true;
}

/// Anew after each failure: credentials may have been replaced.
towl::Result<void> Archiver::connect() {
  if (store_) return {};
  auto credentials = towl::web::find_s3_credentials(config_.credentials_file);
  if (!credentials) return towl::fail(std::move(credentials.error()));
  store_.emplace(towl::web::S3Address{config_.endpoint, config_.region, config_.bucket}, std::move(*credentials),
                 towl::web::ClientSecurity{.ca = config_.ca, .skip_verify = config_.skip_verify},
                 [this] { return stopping_.load(); });
  return abort_left();
}

/// What was begun and never completed: by an earlier run, or since the answer that named it was lost.
towl::Result<void> Archiver::abort_left() {
  const std::string ours = key_of("");
  const auto left = store_->uploads(ours);
  if (!left) return towl::fail(left.error());
  for (const towl::web::S3Upload& upload : *left) {
    // Some stores answer with all uploads, whatever was asked for.
    if (!upload.key.starts_with(ours)) continue;
    if (auto aborted = store_->abort_upload(upload.key, upload.id); !aborted) return aborted;
    if (context_.log) context_.log->info("output {}: an upload of {} was left: aborted", context_.name, upload.key);
  }
  return {};
}

std::string Archiver::key_of(const std::string& name) const {
  return config_.prefix.empty() ? name : config_.prefix + "/" + name;
}

towl::Result<std::string> Archiver::digest_of(const towl::ServedFile& file) {
  const auto local = context_.layer->open(catalog_.path_of(file.file_id()), towl::OpenMode::read);
  if (!local) return towl::fail(local.error());
  towl::web::Sha256 whole;
  const auto read =
      read_pieces(**local, file.size, kArchivePartBytes, [&](const std::string& piece) -> towl::Result<void> {
        whole.add(piece);
        if (stopping_) return towl::fail(towl::ErrorCode::closed, "stopped");
        return {};
      });
  if (!read) return towl::fail(read.error());
  return whole.hex();
}

towl::Result<void> Archiver::archive(const towl::ServedFile& file) {
  const std::string key = key_of(towl::file_name(file.file_id()));
  const auto digest = digest_of(file);
  if (!digest) return towl::fail(digest.error());
  auto there = store_->head(key);
  if (!there) return towl::fail(std::move(there.error()));
  if (*there && (*there)->meta(kUuid) != towl::uuid_text(file.header.uuid)) {
    return towl::fail(towl::ErrorCode::diverged,
                      "the object store has another file there: give each collector a prefix of its own",
                      "s3://" + config_.bucket + "/" + key);
  }
  if (!*there || (*there)->meta(kSha256) != *digest || (*there)->size != file.size) {
    if (auto done = upload(file, *digest); !done) return done;
    there = store_->head(key);
    if (!there) return towl::fail(std::move(there.error()));
    if (!*there || (*there)->size != file.size || (*there)->meta(kSha256) != *digest) {
      return towl::fail(towl::ErrorCode::corrupt, "what the object store has is not what was sent", key);
    }
  }
  if (auto done = add_filter(file, (*there)->etag); !done) return done;
  return add_to_manifest(file, *digest);
}

/// What the file's words are, beside it: a search of the archive then need not fetch the file.
towl::Result<void> Archiver::add_filter(const towl::ServedFile& file, const std::string& etag) {
  if (!file.index.sealed || etag.empty()) return {};
  auto filter = towl::archived_filter(catalog_.path_of(file.file_id()), etag,
                                      {.layer = context_.layer, .stop = [this] { return stopping_.load(); }});
  if (!filter && filter.error().code == towl::ErrorCode::closed) return towl::fail(std::move(filter.error()));
  // It can be read without.
  if (!filter) {
    if (context_.log) context_.log->warn("output {}: no filter: {}", context_.name, filter.error().to_string());
    return {};
  }
  return store_->put(key_of(towl::filter_object_name(file.file_id())), std::move(*filter));
}

towl::Result<void> Archiver::upload(const towl::ServedFile& file, const std::string& digest) {
  const auto local = context_.layer->open(catalog_.path_of(file.file_id()), towl::OpenMode::read);
  if (!local) return towl::fail(local.error());
  if (file.size > kArchivePartBytes) return upload_parts(**local, file, digest);
  return read_pieces(**local, file.size, kArchivePartBytes, [&](std::string piece) -> towl::Result<void> {
    if (towl::web::sha256_hex(piece) != digest) return towl::fail(towl::ErrorCode::io, "the file is being changed");
    const std::uint64_t bytes = piece.size();
    auto put = store_->put(key_of(towl::file_name(file.file_id())), std::move(piece),
                           {{kUuid, towl::uuid_text(file.header.uuid)}, {kSha256, digest}});
    std::lock_guard lock(mutex_);
    if (put) status_.bytes += bytes;
    return put;
  });
}

towl::Result<void> Archiver::upload_parts(towl::File& local, const towl::ServedFile& file, const std::string& digest) {
  const std::string key = key_of(towl::file_name(file.file_id()));
  const auto upload = store_->begin_upload(key, {{kUuid, towl::uuid_text(file.header.uuid)}, {kSha256, digest}});
  if (!upload) return towl::fail(upload.error());
  std::vector<std::string> etags;
  towl::web::Sha256 whole;
  // At most so many parts are allowed (S3: 10,000).
  const std::size_t step = std::max<std::size_t>(kArchivePartBytes, file.size / kMaxArchiveParts + 1);
  auto sent = read_pieces(local, file.size, step, [&](std::string piece) -> towl::Result<void> {
    whole.add(piece);
    const std::uint64_t bytes = piece.size();
    auto etag = store_->put_part(key, *upload, static_cast<int>(etags.size()) + 1, std::move(piece));
    if (!etag) return towl::fail(std::move(etag.error()));
    etags.push_back(std::move(*etag));
    std::lock_guard lock(mutex_);
    status_.bytes += bytes;
    return {};
  });
  if (sent && whole.hex() != digest) sent = towl::fail(towl::ErrorCode::io, "the file is being changed", key);
  if (sent) sent = store_->complete_upload(key, *upload, etags);
  if (sent) return abort_left();
  // If this fails as well, the next start aborts it.
  if (!sent && !stopping_) static_cast<void>(store_->abort_upload(key, *upload));
  return sent;
}

towl::Result<void> Archiver::add_to_manifest(const towl::ServedFile& file, const std::string& digest) {
  const std::string day = day_of(file.index.opened);
  const std::string key = key_of("manifest/" + day + ".json");
  const auto text = store_->get(key);
  if (!text) return towl::fail(text.error());
  auto manifest = nlohmann::ordered_json::parse(*text ? **text : "", nullptr, false);
  if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_array()) {
    manifest = {
        {"version", 1}, {"day", day}, {"store", catalog_.identity()}, {"files", nlohmann::ordered_json::array()}};
  }
  const std::string name = towl::file_name(file.file_id());
  auto& files = manifest["files"];
  const auto same = [&](const auto& line) { return line.is_object() && line.value("name", "") == name; };
  const auto known = std::find_if(files.begin(), files.end(), same);
  auto line = line_of(file, digest);
  if (known != files.end() && *known == line) return {};
  if (known == files.end()) {
    files.push_back(std::move(line));
  } else {
    *known = std::move(line);
  }
  return store_->put(key, manifest.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

/// What is not archived stays in the store.
void Archiver::hold() {
  Ingest::Hold held{.keep_from = status_.file_id};
  if (const auto files = catalog_.files()) {
    for (const towl::ServedFile& file : *files->closed) {
      if (file.file_id() >= status_.file_id) held.waiting_bytes += file.size;
    }
  }
  context_.ingest->hold(context_.name, held);
}

void Archiver::remove_old() {
  hold();
  if (!config_.keep_local_ns) return;
  context_.ingest->run([policy = towl::RetentionPolicy{.max_age_ns = config_.keep_local_ns},
                        log = context_.log](towl::StoreWriter& writer) -> std::function<void()> {
    const auto removed = writer.retain(policy);
    if (removed && !removed->empty() && log) log->info("{} files are archived and old: removed here", removed->size());
    return [] {};
  });
}

}  // namespace towld
