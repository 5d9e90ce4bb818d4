#include "app/edit_tokens.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "towl/time.hpp"

namespace towld {
namespace {

class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : fd_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ >= 0) taken_ = flock(fd_, LOCK_EX) == 0;
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (fd_ >= 0) close(fd_);
  }
  bool taken() const { return taken_; }

 private:
  int fd_;
  bool taken_ = false;
};

auto named(const std::string& name) {
  return [&name](const TokenRecord& token) { return token.name == name; };
}

}  // namespace

towl::Result<void> edit_tokens(const std::filesystem::path& file,
                               const std::function<towl::Result<void>(std::vector<TokenRecord>&)>& change) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const FolderLock lock(folder);
  if (!lock.taken()) return towl::fail(towl::error_from_errno(errno, "cannot lock the folder", folder.string()));
  std::vector<TokenRecord> tokens;
  auto read = read_token_records(file);
  if (read) {
    tokens = std::move(*read);
  } else if (read.error().code != towl::ErrorCode::not_found) {
    return towl::fail(std::move(read.error()));
  }
  if (auto changed = change(tokens); !changed) return changed;
  return write_token_records(file, tokens);
}

towl::Result<std::string> create_token(const std::filesystem::path& file, TokenRecord record) {
  if (!is_token_name(record.name)) {
    return towl::fail(towl::ErrorCode::invalid_argument, "\"" + record.name + "\" cannot be a token's name: 1 to 64 " +
                                                             "printable characters without blanks");
  }
  auto token = make_token();
  if (!token) return token;
  record.hash = TokenHasher()(*token);
  record.created = towl::format_rfc3339(towl::now() / towl::kNanosecondsPerSecond * towl::kNanosecondsPerSecond).view();
  const auto done = edit_tokens(file, [&](std::vector<TokenRecord>& tokens) -> towl::Result<void> {
    if (std::any_of(tokens.begin(), tokens.end(), named(record.name))) {
      return towl::fail(towl::ErrorCode::already_exists,
                        "there is a token named " + record.name + ": choose another name, or revoke it", file.string());
    }
    tokens.push_back(record);
    return {};
  });
  if (!done) return towl::fail(done.error());
  return token;
}

towl::Result<void> revoke_token(const std::filesystem::path& file, const std::string& name) {
  return edit_tokens(file, [&](std::vector<TokenRecord>& tokens) -> towl::Result<void> {
    if (std::erase_if(tokens, named(name)) > 0) return {};
    return towl::fail(towl::ErrorCode::not_found, "there is no token named " + name + ": towld token list tells which",
                      file.string());
  });
}

}  // namespace towld
