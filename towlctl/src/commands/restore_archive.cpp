#include "commands/restore_archive.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "files/file_layers.hpp"
#include "files/local_files.hpp"
#include "output/units.hpp"
#include "towl/file_name.hpp"
#include "towl/file_reader.hpp"
#include "towl/store_filters.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeFailed = 1;
constexpr std::size_t kStepBytes = std::size_t{4} << 20;
constexpr std::uint64_t kMostFilterBytes = std::uint64_t{256} << 20;

struct Totals {
  std::uint64_t restored = 0;
  std::uint64_t bytes = 0;
  std::uint64_t there = 0;
  std::uint64_t failed = 0;
};

/// The file is here already: of the same UUID and size.
bool is_here(const fs::path& local, const fs::path& remote, std::uint64_t size) {
  std::error_code error;
  if (fs::file_size(local, error) != size || error) return false;
  const auto here = towl::FileReader::open(local);
  const auto there = towl::FileReader::open(remote, {.layer = &file_layer()});
  return here && there && here->header() == there->header();
}

towl::Result<void> copy(towl::File& from, std::uint64_t size, const fs::path& to) {
  towl::FileLayer& disk = towl::posix_file_layer();
  // Left by one that was interrupted.
  if (auto removed = disk.remove(to); !removed && removed.error().code != towl::ErrorCode::not_found) return removed;
  auto file = disk.open(to, towl::OpenMode::create);
  if (!file) return towl::fail(std::move(file.error()));
  std::string step(kStepBytes, '\0');
  for (std::uint64_t at = 0; at < size;) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(step.size(), size - at));
    const auto got = from.read_at(at, std::span(step.data(), part));
    if (!got) return towl::fail(got.error());
    if (*got != part) return towl::fail(towl::ErrorCode::io, "the archive's file is shorter than listed", to.string());
    if (auto written = (*file)->write_at(at, std::string_view(step.data(), part)); !written) return written;
    at += part;
  }
  return (*file)->sync();
}

/// The archive's filter of the file, if it has one. Without it searches are slower; a collector or sync makes it again.
void restore_filter(Archive& archive, const fs::path& remote, const fs::path& local) {
  const auto object =
      archive.open(remote.parent_path() / towl::filter_object_name(file_id_of(local)), towl::OpenMode::read);
  const auto size = object ? (*object)->size() : tl::unexpected(object.error());
  if (!size || *size > kMostFilterBytes) return;
  std::string filter(static_cast<std::size_t>(*size), '\0');
  const auto got = (*object)->read_at(0, filter);
  if (got && *got == filter.size()) (void)towl::add_filter(local, filter);
}

towl::Result<void> restore(Archive& archive, const fs::path& remote, const fs::path& folder, Totals& totals) {
  const fs::path local = folder / remote.filename();
  const auto file = archive.open(remote, towl::OpenMode::read);
  if (!file) return towl::fail(file.error());
  const auto size = (*file)->size();
  if (!size) return towl::fail(size.error());
  std::error_code error;
  if (is_here(local, remote, *size)) {
    ++totals.there;
    return {};
  }
  if (fs::exists(local, error)) {
    return towl::fail(towl::ErrorCode::already_exists,
                      "another file is there: restore into an empty folder, --store DIR", local.string());
  }
  const auto digest = archive.digest_of(remote);
  if (!digest) return towl::fail(digest.error());
  const fs::path aside = folder / (remote.filename().string() + ".restored");
  if (auto copied = copy(**file, *size, aside); !copied) return copied;
  const auto written = towl::posix_file_layer().open(aside, towl::OpenMode::read);
  if (!written) return towl::fail(written.error());
  const auto own = archive.digest_of(**written);
  if (!own) return towl::fail(own.error());
  if (!digest->empty() && *own != *digest) {
    return towl::fail(towl::ErrorCode::corrupt, "what came is not what was archived: its SHA-256 differs",
                      remote.string());
  }
  if (auto renamed = towl::posix_file_layer().rename(aside, local); !renamed) return renamed;
  restore_filter(archive, remote, local);
  ++totals.restored;
  totals.bytes += *size;
  return towl::posix_file_layer().sync_folder(folder);
}

}  // namespace

int restore_archive(const RestoreOptions& options, const Session& session) {
  if (!is_archive(options.archive)) {
    complain("\"" + options.archive + "\" is no archive: s3://BUCKET/PREFIX");
    return kFailure;
  }
  const auto files = find_files({}, {options.archive});
  const auto opened = archive();
  if (!files || !opened) {
    complain((files ? opened.error() : files.error()).to_string());
    return kFailure;
  }
  const fs::path folder = local_store(options.store);
  if (auto made = towl::posix_file_layer().create_folder(folder); !made) {
    complain(made.error().to_string());
    return kFailure;
  }
  const auto lock = towl::posix_file_layer().lock(folder / towl::kLockName);
  if (!lock) {
    complain(lock.error().code == towl::ErrorCode::locked
                 ? "a collector or a sync writes to " + folder.string() + ": stop it first, or use another --store"
                 : lock.error().to_string());
    return kFailure;
  }
  Totals totals;
  for (const fs::path& file : *files) {
    if (const auto done = restore(**opened, file, folder, totals); !done) {
      complain(done.error().to_string());
      ++totals.failed;
    }
  }
  if (!session.quiet) {
    std::string text = std::to_string(totals.restored) + " files restored, " + format_bytes(totals.bytes) + "; " +
                       std::to_string(totals.there) + " were there";
    if (totals.failed > 0) text += "; " + std::to_string(totals.failed) + " could not be restored";
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  return totals.failed > 0 ? kSomeFailed : kDone;
}

}  // namespace towlctl
