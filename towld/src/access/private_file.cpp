#include "access/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>

#include <cerrno>
#include <string>

namespace towld {
namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void take_owner(int fd, const std::filesystem::path& file) {
  struct stat as {};
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (stat(file.c_str(), &as) != 0 && stat(folder.c_str(), &as) != 0) return;
  // Only root may; others write files of their own.
  if (fchown(fd, as.st_uid, as.st_gid) != 0) return;
}

}  // namespace

towl::Result<void> replace_file(const std::filesystem::path& file, std::string_view contents, mode_t mode,
                                bool keep_owner) {
  std::string beside = file.string() + ".XXXXXX";
  const int fd = mkostemp(beside.data(), O_CLOEXEC);  // For its owner alone, to begin with.
  if (fd < 0) return towl::fail(towl::error_from_errno(errno, "cannot write", file.string()));
  if (keep_owner) take_owner(fd, file);
  const bool written = write_all(fd, contents) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  int error_number = written ? 0 : errno;
  close(fd);
  if (written && rename(beside.c_str(), file.c_str()) != 0) error_number = errno;
  if (error_number == 0) return {};
  unlink(beside.c_str());
  return towl::fail(towl::error_from_errno(error_number, "cannot write", file.string()));
}

towl::Result<std::string> read_secret_file(const std::string& path) {
  constexpr std::size_t kMaxSecretBytes = 4096;
  std::ifstream file(path, std::ios::binary);
  if (!file) return towl::fail(towl::error_from_errno(errno, "cannot read the secret", path));
  std::string text(kMaxSecretBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto wrong = [&](const char* what) { return towl::fail(towl::ErrorCode::invalid_argument, what, path); };
  if (text.size() > kMaxSecretBytes) return wrong("is too long for a secret");
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  if (text.empty()) return wrong("the file of the secret is empty");
  const bool is_line =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= ' '; });
  if (!is_line) return wrong("must be the secret in one line, and nothing else");
  return text;
}

}  // namespace towld
