#include "towlctl/commands/fake_collector.hpp"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "crc32c.hpp"
#include "towl/store.hpp"
#include "v1/entry_codec.hpp"

namespace towl::test {
namespace {

constexpr std::uint64_t kDataOffset = 2048;
constexpr std::uint64_t kProofBytes = 65536;

v1::FileInfo to_message(const FileInfo& file, std::uint64_t size) {
  v1::FileInfo info;
  info.set_file_id(file.file_id);
  info.set_format_version(file.header.version);
  info.set_org(file.header.org);
  info.set_title(file.header.title);
  info.set_opened(file.index.opened);
  if (file.index.closed) info.set_closed(*file.index.closed);
  info.set_count(file.index.count);
  if (file.index.first) info.set_first(*file.index.first);
  if (file.index.last) info.set_last(*file.index.last);
  info.set_size(size);
  info.set_state(file.index.closed ? v1::FILE_STATE_CLOSED : v1::FILE_STATE_OPEN);
  return info;
}

std::vector<FileInfo> files_of(const std::filesystem::path& folder) {
  const auto store = Store::open(folder);
  if (!store) return {};
  auto listing = store->list();
  return listing ? std::move(listing->files) : std::vector<FileInfo>();
}

/// The end of `count` entries at `from`.
std::size_t skip(std::string_view bytes, std::size_t from, std::uint64_t count) {
  for (; count > 0; --count) from += detail::v1::skip_entry(bytes.substr(from)).bytes;
  return from;
}

}  // namespace

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

FakeCollector::FakeCollector(std::filesystem::path folder) : folder_(std::move(folder)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  builder.SetMaxSendMessageSize(-1);
  server_ = builder.BuildAndStart();
  if (!server_) ADD_FAILURE() << "cannot start the fake collector";
}

FakeCollector::~FakeCollector() { server_->Shutdown(std::chrono::system_clock::now()); }

grpc::Status FakeCollector::ListFiles(grpc::ServerContext*, const v1::ListFilesRequest* request,
                                      v1::ListFilesResponse* response) {
  if (script_list) {
    script_list(*request, *response);
    return grpc::Status::OK;
  }
  const std::uint32_t page_size = std::clamp(request->page_size(), 1U, 5000U);
  for (const FileInfo& file : files_of(folder_)) {
    if (file.file_id <= request->after_file_id()) continue;
    if (request->has_title() && request->title() != file.header.title) continue;
    if (request->has_since() && file.index.last && *file.index.last < request->since()) continue;
    if (static_cast<std::uint32_t>(response->files_size()) == page_size) {
      response->set_more(true);
      break;
    }
    *response->add_files() = to_message(file, file.size);
  }
  if (change_list) change_list(*response);
  return grpc::Status::OK;
}

grpc::Status FakeCollector::Stats(grpc::ServerContext*, const v1::StatsRequest*, v1::StatsResponse* response) {
  *response = stats;
  return grpc::Status::OK;
}

grpc::Status FakeCollector::Pull(grpc::ServerContext* context, const v1::PullRequest* request,
                                 grpc::ServerWriter<v1::PullResponse>* writer) {
  ++pulls;
  if (script_pull) return script_pull(*context, *writer);
  const auto files = files_of(folder_);
  const auto file = std::find_if(files.begin(), files.end(),
                                 [request](const FileInfo& known) { return known.file_id == request->file_id(); });
  if (file == files.end()) return {grpc::StatusCode::NOT_FOUND, "no such file"};
  if (request->count() > file->index.count) return {grpc::StatusCode::OUT_OF_RANGE, "past the end"};
  const std::string bytes = bytes_of(file->path);
  std::size_t at = skip(bytes, kDataOffset, request->count());
  if (request->has_proof()) {
    const std::size_t length = std::min<std::size_t>(kProofBytes, at - kDataOffset);
    if (request->proof().size() != at || request->proof().opened() != file->index.opened ||
        request->proof().tail_crc32c() != detail::crc32c(std::string_view(bytes).substr(at - length, length))) {
      return {grpc::StatusCode::FAILED_PRECONDITION, "DIVERGED: not a copy"};
    }
  }
  const auto send = [&](v1::PullResponse message) {
    if (message.has_chunk()) bytes_sent += message.chunk().data().size();
    if (change_pull) change_pull(message);
    return writer->Write(message);
  };
  v1::PullResponse message;
  *message.mutable_file() = to_message(*file, file->size);
  send(message);
  for (std::uint64_t ordinal = request->count(); ordinal < file->index.count;) {
    v1::Chunk& chunk = *message.mutable_chunk();
    chunk.set_offset(at);
    chunk.set_first(ordinal);
    std::size_t end = at;
    std::uint64_t count = 0;
    while (ordinal < file->index.count && (count == 0 || end - at < chunk_bytes)) {
      end = skip(bytes, end, 1);
      ++count;
      ++ordinal;
    }
    chunk.set_count(count);
    chunk.set_data(bytes.substr(at, end - at));
    at = end;
    if (!send(message)) return grpc::Status::CANCELLED;
    if (cuts.load() > 0 && cuts-- > 0) return {grpc::StatusCode::UNAVAILABLE, "cut"};
  }
  *message.mutable_reached() = to_message(*file, file->size);
  send(message);
  return grpc::Status::OK;
}

grpc::Status FakeCollector::Append(grpc::ServerContext*,
                                   grpc::ServerReaderWriter<v1::AppendResponse, v1::AppendRequest>* stream) {
  v1::AppendRequest request;
  for (int batch = 1; stream->Read(&request); ++batch) {
    v1::AppendResponse response;
    response.set_sequence(request.sequence());
    response.set_durability(static_cast<v1::Durability>(acknowledged_as.load()));
    response.set_duplicate(!store(request));
    if (!response.duplicate()) {
      v1::StoredRange& range = *response.add_ranges();
      range.set_file_id(1);
      range.set_count(static_cast<std::uint64_t>(request.entries_size()));
    }
    if (batch == 2 && append_cuts.load() > 0 && append_cuts-- > 0) return {grpc::StatusCode::UNAVAILABLE, "cut"};
    for (int i = acknowledgements; i > 0; --i) {
      if (!stream->Write(response)) return grpc::Status::CANCELLED;
    }
  }
  return grpc::Status::OK;
}

bool FakeCollector::store(const v1::AppendRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.producer_id() == producer_ && request.sequence() <= sequence_) return false;
  producer_ = request.producer_id();
  sequence_ = request.sequence();
  ++batches_;
  for (const v1::Entry& entry : request.entries()) {
    appended_.emplace_back(entry.sender(), entry.time(), static_cast<LogFormat>(entry.log_format()),
                           entry.log_entry());
  }
  return true;
}

std::vector<Entry> FakeCollector::appended() {
  const std::lock_guard lock(mutex_);
  return appended_;
}

std::size_t FakeCollector::batches() {
  const std::lock_guard lock(mutex_);
  return batches_;
}

}  // namespace towl::test
