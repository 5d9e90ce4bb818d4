#include "access/access.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "access/private_file.hpp"

namespace towld {
namespace {

std::uint64_t key_of(const TokenHash& hash) {
  std::uint64_t key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key;
}

}  // namespace

Access::Access(Private, AccessFiles files, Say say, towl::Header new_files)
    : files_(std::move(files)),
      say_(std::move(say)),
      new_files_(std::move(new_files)),
      failures_(files_.failures_at_once),
      table_(std::make_shared<const Table>()) {}

towl::Result<std::shared_ptr<Access>> Access::open(AccessFiles files, Say say, towl::Header new_files) {
  auto access = std::make_shared<Access>(Private{}, std::move(files), std::move(say), std::move(new_files));
  if (auto made = access->make_admin_token(); !made) {
    // A collector starts on a full disk, and waits for room: so does its administrator.
    if (made.error().code != towl::ErrorCode::no_space) return towl::fail(std::move(made.error()));
    access->admin_is_due_ = true;
    access->say_("nobody can administer this collector before there is room: " + made.error().to_string());
  }
  access->tokens_stamp_ = stamp_of(access->files_.tokens);
  access->admin_stamp_ = stamp_of(access->files_.admin);
  bool has_tokens_file = false;
  auto records = access->read(has_tokens_file);
  if (!records) return towl::fail(std::move(records.error()));
  access->needs_tokens_ = has_tokens_file;
  access->use(std::move(*records));
  return access;
}

towl::Result<void> Access::make_admin_token() {
  if (files_.admin.empty() || stamp_of(files_.admin).size > 0) return {};
  const auto token = make_token();
  if (!token) return towl::fail(token.error());
  return replace_file(files_.admin, *token + "\n", 0600);
}

Access::Stamp Access::stamp_of(const std::filesystem::path& file) {
  struct stat found {};
  if (file.empty() || stat(file.c_str(), &found) != 0) return {};
  return {std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec, found.st_ino, found.st_size};
}

// All tokens there are.
towl::Result<std::vector<TokenRecord>> Access::read(bool& has_tokens_file) const {
  std::vector<TokenRecord> records;
  has_tokens_file = stamp_of(files_.tokens).size >= 0;
  if (has_tokens_file) {
    auto read = read_token_records(files_.tokens);
    if (!read) return read;
    records = std::move(*read);
    if (records.empty() && !needs_tokens_) {
      return towl::fail(towl::ErrorCode::invalid_argument,
                        "there is no token in it: make one (towld token create), or remove the file",
                        files_.tokens.string());
    }
  }
  if (!files_.admin.empty() && stamp_of(files_.admin).size >= 0) {
    const auto token = read_token_file(files_.admin.string());
    if (!token) return towl::fail(token.error());
    // No token of the file can be called so.
    records.push_back({.name = "@admin", .scopes = {Scope::admin}, .hash = hash_(*token)});
  }
  return records;
}

// Grants that are still as they were stay the same. Whether any is not.
bool Access::use(std::vector<TokenRecord> records) {
  auto table = std::make_shared<Table>();
  std::lock_guard lock(mutex_);
  for (TokenRecord& record : records) {
    const auto key = key_of(record.hash);
    std::shared_ptr<Grant> grant;
    const auto [begin, end] = table_->equal_range(key);
    for (auto known = begin; known != end; ++known) {
      if (known->second.record == record) grant = known->second.grant;
    }
    if (!grant) grant = std::make_shared<Grant>(record.name, record.scopes, record.orgs, record.titles);
    table->emplace(key, Entry{std::move(record), std::move(grant)});
  }
  bool any_revoked = false;
  for (const auto& [key, entry] : *table_) {
    const auto [begin, end] = table->equal_range(key);
    const bool stays =
        std::any_of(begin, end, [&grant = entry.grant](const auto& known) { return known.second.grant == grant; });
    if (stays) continue;
    entry.grant->revoke();
    any_revoked = true;
  }
  table_ = std::move(table);
  return any_revoked;
}

bool Access::refresh() {
  std::lock_guard lock(refresh_mutex_);
  if (admin_is_due_ && make_admin_token()) admin_is_due_ = false;
  const Stamp tokens = stamp_of(files_.tokens);
  const Stamp admin = stamp_of(files_.admin);
  if (tokens == tokens_stamp_ && admin == admin_stamp_) return false;
  tokens_stamp_ = tokens;
  admin_stamp_ = admin;
  bool has_tokens_file = false;
  auto records = read(has_tokens_file);
  if (!records) {
    say_("the tokens are as before: " + records.error().to_string());
    return false;
  }
  bool any_revoked = use(std::move(*records));
  if (has_tokens_file && !needs_tokens_) {
    needs_tokens_ = true;
    anyone_->revoke();
    any_revoked = true;
    say_("there are tokens now: from here on everything needs one");
  } else {
    say_(has_tokens_file || !needs_tokens_ ? "the tokens were read again"
                                           : "the file of tokens is gone: nobody is let in until it is back");
  }
  return any_revoked;
}

std::shared_ptr<const Grant> Access::find(std::string_view token) const {
  const TokenHash hash = hash_(token);
  std::shared_ptr<const Table> table;
  {
    std::lock_guard lock(mutex_);
    table = table_;
  }
  const auto [begin, end] = table->equal_range(key_of(hash));
  std::shared_ptr<const Grant> found;
  for (auto known = begin; known != end; ++known) {
    if (same_hash(known->second.record.hash, hash)) found = known->second.grant;
  }
  return found;
}

bool Access::has_token(const std::string& name) const {
  std::shared_ptr<const Table> table;
  {
    std::lock_guard lock(mutex_);
    table = table_;
  }
  return std::any_of(table->begin(), table->end(), [&](const auto& known) { return known.second.record.name == name; });
}

Admission Access::check(std::string_view token, Need need, std::string_view peer) {
  std::shared_ptr<const Grant> grant;
  if (!token.empty()) {
    grant = find(token);
  } else if (!needs_tokens_) {
    grant = anyone_;
  }
  if (!grant) {
    const bool counts = failures_.count(peer);
    ++(counts ? counters_.unknown : counters_.too_many);
    if (counts)
      say_("refused " + std::string(peer) + ": " + (token.empty() ? "no token" : "a token that is not known"));
    return {counts ? Decision::unknown : Decision::too_many};
  }
  if (!grant->allows(need, new_files_)) {
    ++counters_.forbidden;
    if (denials_.count(peer)) {
      say_("refused " + std::string(peer) + ": " + (token.empty() ? "without a token" : "the token " + grant->name()) +
           " it may not " + std::string(name_of(kScopes, scope_of(need))) + (grant->is_narrowed() ? " all files" : ""));
    }
    return {Decision::forbidden};
  }
  counters_.granted.fetch_add(1, std::memory_order_relaxed);
  return {Decision::granted, std::move(grant)};
}

}  // namespace towld
