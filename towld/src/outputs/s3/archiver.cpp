#include "outputs/s3/archiver.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "limits/limits.hpp"
#include "outputs/backlog.hpp"
#include "outputs/s3/upload.hpp"
#include "towl/file_name.hpp"
#include "towl/query/address.hpp"
#include "towl/store_filters.hpp"

namespace towld {
namespace {

constexpr const char* kUuid = "towl-uuid";

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

}  // namespace

class Archiver::Listener : public towl::StoreListener {
 public:
  explicit Listener(std::shared_ptr<Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}
  void store_changed() override { wakeup_->wake(); }

 private:
  std::shared_ptr<Wakeup> wakeup_;
};

towl::Result<std::unique_ptr<Output>> Archiver::start(const ArchiveConfig& config, OutputContext context) {
  if (auto good = towl::web::find_s3_credentials(config.place.credentials_file); !good) return towl::fail(good.error());
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
  status_.remotes = {config_.place.endpoint};
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

/// Made again after each failure: credentials may have been replaced.
towl::Result<void> Archiver::connect() {
  if (store_) return {};
  auto store = connect_to(config_.place, [this] { return stopping_.load(); });
  if (!store) return towl::fail(std::move(store.error()));
  store_ = std::move(*store);
  return abort_left();
}

towl::Result<void> Archiver::abort_left() {
  return abort_uploads(*store_, config_.place.key_of(""), context_.name, context_.log.get());
}

towl::Result<void> Archiver::archive(const towl::ServedFile& file) {
  const std::string key = config_.place.key_of(towl::file_name(file.file_id()));
  const auto local = context_.layer->open(catalog_.path_of(file.file_id()), towl::OpenMode::read);
  if (!local) return towl::fail(local.error());
  const auto digest = sha256_of(**local, file.size, [this] { return stopping_.load(); });
  if (!digest) return towl::fail(digest.error());
  auto there = store_->head(key);
  if (!there) return towl::fail(std::move(there.error()));
  if (*there && (*there)->meta(kUuid) != towl::uuid_text(file.header.uuid)) {
    return towl::fail(towl::ErrorCode::diverged,
                      "the object store has another file there: give each collector a prefix of its own",
                      "s3://" + config_.place.bucket + "/" + key);
  }
  if (!*there || (*there)->meta(kSha256Meta) != *digest || (*there)->size != file.size) {
    auto sent = upload(**local, file, key, *digest);
    if (!sent) return towl::fail(std::move(sent.error()));
    there = std::move(*sent);
  }
  if (auto done = add_filter(file, (*there)->etag); !done) return done;
  return add_to_manifest(file, *digest);
}

/// What the file's words are, next to it: a search of the archive then need not fetch the file.
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
  return store_->put(config_.place.key_of(towl::filter_object_name(file.file_id())), std::move(*filter));
}

towl::Result<towl::web::S3Object> Archiver::upload(towl::File& local, const towl::ServedFile& file,
                                                   const std::string& key, const std::string& digest) {
  auto there = upload_file(*store_, local,
                           {.key = key,
                            .size = file.size,
                            .digest = digest,
                            .metadata = {{kUuid, towl::uuid_text(file.header.uuid)}},
                            .sent =
                                [this](std::uint64_t bytes) {
                                  std::lock_guard lock(mutex_);
                                  status_.bytes += bytes;
                                },
                            .is_stopped = [this] { return stopping_.load(); }});
  if (!there || file.size <= kArchivePartBytes) return there;
  // Of parts whose answer was lost.
  if (auto aborted = abort_left(); !aborted) return towl::fail(std::move(aborted.error()));
  return there;
}

towl::Result<void> Archiver::add_to_manifest(const towl::ServedFile& file, const std::string& digest) {
  const std::string day = day_of(file.index.opened);
  const std::string key = config_.place.key_of("manifest/" + day + ".json");
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
