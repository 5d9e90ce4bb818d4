#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "entry_stream.hpp"
#include "towl.h"
#include "towl/query/language.hpp"
#include "towl/record/time_expression.hpp"
#include "towl/store.hpp"
#include "towl/version.hpp"

// Nothing may leave this library by an exception: even memory that is not there is an error's text.

struct towl_store {
  std::filesystem::path path;
  bool is_folder = false;
};

namespace {

using towl::Error;
using towl::ErrorCode;
using towl::Result;
using towl::detail::EntryStream;
using towl::detail::StreamRequest;

constexpr const char* kUsualColumns = "time,sender,level,message,fields,file_uuid,ordinal";

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return TOWL_INVALID;
    case ErrorCode::not_found:
    case ErrorCode::removed:
      return TOWL_NOT_FOUND;
    case ErrorCode::permission_denied:
      return TOWL_NO_ACCESS;
    case ErrorCode::not_a_towl_file:
    case ErrorCode::unsupported_version:
    case ErrorCode::corrupt:
      return TOWL_DAMAGED;
    default:
      return TOWL_FAILED;
  }
}

char* text_of(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

int give_error(const Error& error, char** to) {
  if (to != nullptr) *to = text_of(error.to_string());
  return status_of(error.code);
}

/// Runs `task`, which returns a status.
template <class Task>
int guarded(char** error, Task task) {
  if (error != nullptr) *error = nullptr;
  try {
    return task();
  } catch (const std::bad_alloc&) {
    return give_error({.code = ErrorCode::io, .message = "there is not enough memory"}, error);
  } catch (...) {
    return give_error({.code = ErrorCode::io, .message = "something failed that should not"}, error);
  }
}

Result<std::vector<std::filesystem::path>> paths_of(const towl_store& store) {
  if (!store.is_folder) return std::vector{store.path};
  const auto opened = towl::Store::open(store.path);
  if (!opened) return towl::fail(opened.error());
  const auto listing = opened->list();
  if (!listing) return towl::fail(listing.error());
  std::vector<std::filesystem::path> paths;
  for (const auto& file : listing->files) paths.push_back(file.path);
  // Told as losses, when they are read.
  for (const auto& file : listing->unreadable) paths.push_back(file.path);
  return paths;
}

Result<std::optional<towl::Timestamp>> bound_of(const char* text, towl::TimeBound bound) {
  if (text == nullptr || *text == '\0') return std::nullopt;
  const auto time = towl::parse_time_bound(text, bound, towl::now());
  if (!time) return towl::fail(time.error());
  return *time;
}

Result<StreamRequest> request_of(const towl_store& store, const towl_query_options& options) {
  StreamRequest request;
  auto paths = paths_of(store);
  if (!paths) return towl::fail(std::move(paths.error()));
  request.paths = std::move(*paths);
  if (options.query != nullptr && *options.query != '\0') {
    auto expression = towl::parse_expression(options.query, towl::now());
    if (!expression) return towl::fail(std::move(expression.error()));
    request.expression = std::move(*expression);
  }
  const auto since = bound_of(options.since, towl::TimeBound::since);
  if (!since) return towl::fail(since.error());
  const auto until = bound_of(options.until, towl::TimeBound::until);
  if (!until) return towl::fail(until.error());
  request.since = *since;
  request.until = *until;
  auto columns = towl::read_columns(options.columns == nullptr ? kUsualColumns : options.columns);
  if (!columns) return towl::fail(std::move(columns.error()));
  request.columns = std::move(*columns);
  request.threads = options.threads;
  request.batch_rows = options.batch_rows;
  request.limit = options.limit;
  request.binary = options.binary != 0;
  return request;
}

/// What a stream owns.
struct OpenStream {
  EntryStream entries;
  std::string error = {};
};

OpenStream& of(ArrowArrayStream* stream) { return *static_cast<OpenStream*>(stream->private_data); }

int get_schema(ArrowArrayStream* stream, ArrowSchema* to) {
  try {
    of(stream).entries.give_schema(*to);
    return 0;
  } catch (...) {
    return ENOMEM;
  }
}

int get_next(ArrowArrayStream* stream, ArrowArray* to) {
  try {
    const auto given = of(stream).entries.next(*to);
    if (given) return 0;
    of(stream).error = given.error().to_string();
    return EIO;
  } catch (...) {
    return ENOMEM;
  }
}

const char* get_last_error(ArrowArrayStream* stream) {
  const std::string& error = of(stream).error;
  return error.empty() ? nullptr : error.c_str();
}

void release(ArrowArrayStream* stream) {
  const std::unique_ptr<OpenStream> owned(static_cast<OpenStream*>(stream->private_data));
  stream->release = nullptr;
}

}  // namespace

extern "C" {

const char* towl_version() { return towl::kVersion; }

towl_store* towl_open(const char* path, char** error) {
  std::unique_ptr<towl_store> store;
  (void)guarded(error, [&] {
    if (path == nullptr || *path == '\0') {
      return give_error({.code = ErrorCode::invalid_argument, .message = "a path is needed"}, error);
    }
    auto opened = std::make_unique<towl_store>();
    opened->path = path;
    std::error_code ignored;
    opened->is_folder = std::filesystem::is_directory(opened->path, ignored);
    if (!opened->is_folder) {
      const auto reader = towl::FileReader::open(opened->path);
      if (!reader) return give_error(reader.error(), error);
    } else if (const auto readable = towl::Store::open(opened->path); !readable) {
      return give_error(readable.error(), error);
    }
    store = std::move(opened);
    return static_cast<int>(TOWL_OK);
  });
  return store.release();
}

void towl_close(towl_store* store) { const std::unique_ptr<towl_store> owned(store); }

int64_t towl_file_count(towl_store* store, char** error) {
  int64_t count = -1;
  (void)guarded(error, [&] {
    const auto paths = paths_of(*store);
    if (!paths) return give_error(paths.error(), error);
    count = static_cast<int64_t>(paths->size());
    return static_cast<int>(TOWL_OK);
  });
  return count;
}

int towl_query(towl_store* store, const towl_query_options* options, ArrowArrayStream* out, char** error) {
  return guarded(error, [&] {
    *out = {};
    towl_query_options all = TOWL_QUERY_OPTIONS_INIT;
    if (options != nullptr) {
      // Who was built with an older header has a shorter structure; with a newer one, a longer.
      if (options->size < sizeof(std::size_t)) {
        return give_error({.code = ErrorCode::invalid_argument, .message = "options.size is not set"}, error);
      }
      std::memcpy(&all, options, std::min(options->size, sizeof all));
    }
    auto request = request_of(*store, all);
    if (!request) return give_error(request.error(), error);
    auto opened = EntryStream::open(std::move(*request));
    if (!opened) return give_error(opened.error(), error);
    auto stream = std::make_unique<OpenStream>(OpenStream{std::move(*opened)});
    out->get_schema = get_schema;
    out->get_next = get_next;
    out->get_last_error = get_last_error;
    out->release = release;
    out->private_data = stream.release();
    return static_cast<int>(TOWL_OK);
  });
}

char* towl_losses(const ArrowArrayStream* stream) {
  if (stream == nullptr || stream->release != release) return nullptr;
  const std::string& losses = static_cast<const OpenStream*>(stream->private_data)->entries.losses();
  return losses.empty() ? nullptr : text_of(losses);
}

void towl_free(char* text) { std::free(text); }
}
