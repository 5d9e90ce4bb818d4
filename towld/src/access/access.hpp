// Access decides who may do what: it knows the tokens, and is asked at every door for every request.
//
//     no file of tokens      anyone who reaches the door may ingest and read; `admin` needs STORE/admin.token
//     a file of tokens       everything needs a token
//
// The file is looked at again by refresh(). A token that is gone from it is refused from then on, and its grant is
// revoked, so that what was begun with it ends. Once there were tokens, they are asked for until the end, even if the
// file is emptied or removed: nothing opens by accident.
//
// Cost: a check is a hash and a look-up, less than a microsecond (bench/README.md).
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/failures.hpp"
#include "access/grant.hpp"
#include "access/token.hpp"
#include "access/token_file.hpp"
#include "towl/result.hpp"

namespace towld {

/// What became of a request.
enum class Decision {
  granted,
  unknown,    ///< No token, or a bad one: 401, UNAUTHENTICATED.
  forbidden,  ///< A good one that does not allow this: 403, PERMISSION_DENIED.
  too_many,   ///< This peer showed too many bad ones: 429, RESOURCE_EXHAUSTED.
};

struct Admission {
  Decision decision = Decision::unknown;
  std::shared_ptr<const Grant> grant = {};  ///< If granted.
};

struct AccessCounters {
  std::atomic<std::uint64_t> granted = 0;
  std::atomic<std::uint64_t> unknown = 0;
  std::atomic<std::uint64_t> forbidden = 0;
  std::atomic<std::uint64_t> too_many = 0;
};

struct AccessFiles {
  std::filesystem::path tokens = {};  ///< Need not be there.
  std::filesystem::path admin = {};   ///< A token by itself, for this host; made if it is missing. Empty: none.
  double failures_at_once = kAccessFailuresAtOnce;  ///< Bad tokens of one peer.
};

/// The file, in the store's folder, with the token for administering the collector on its own host.
inline constexpr const char* kAdminTokenFile = "admin.token";

class Access {
 public:
  /// Told what was found out, in one line, never with a token in it.
  using Say = std::function<void(const std::string&)>;

  /// Reads the files, and makes the admin's if it is missing. `new_files`: the organisation and title of the files
  /// that entries go into. Errors: those of read_token_records(), and
  /// invalid_argument for a file of tokens that has none; those of writing the admin's.
  static towl::Result<std::shared_ptr<Access>> open(AccessFiles files, Say say, towl::Header new_files = {});

  /// For open() alone.
  class Private {
    friend class Access;
    Private() = default;
  };
  Access(Private, AccessFiles files, Say say, towl::Header new_files);

  /// `token`: what was shown; empty: none. `peer`: the host it comes from.
  Admission check(std::string_view token, Need need, std::string_view peer);

  /// Looks at the files again. Whether any grant was revoked. A file that is wrong is reported, and changes nothing.
  bool refresh();

  /// There is a token of that name.
  bool has_token(const std::string& name) const;

  /// A token is asked for, no matter what the request wants.
  bool needs_tokens() const { return needs_tokens_; }

  const AccessCounters& counters() const { return counters_; }
  const std::filesystem::path& admin_token_file() const { return files_.admin; }

 private:
  struct Entry {
    TokenRecord record;
    std::shared_ptr<Grant> grant;
  };
  /// By the hash's first bytes; the whole is compared in constant time.
  using Table = std::unordered_multimap<std::uint64_t, Entry>;

  /// What tells whether a file has changed.
  struct Stamp {
    std::int64_t mtime_ns = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  // -1: it is not there
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp_of(const std::filesystem::path& file);

  towl::Result<void> make_admin_token();
  towl::Result<std::vector<TokenRecord>> read(bool& has_tokens_file) const;
  bool use(std::vector<TokenRecord> records);
  std::shared_ptr<const Grant> find(std::string_view token) const;

  const AccessFiles files_;
  const Say say_;
  const towl::Header new_files_;
  const TokenHasher hash_;
  std::shared_ptr<Grant> anyone_ = std::make_shared<Grant>("", std::vector<Scope>{Scope::ingest, Scope::read});
  std::atomic<bool> needs_tokens_ = false;
  AccessCounters counters_;
  Failures failures_;
  Failures denials_;  // of good tokens, for the log alone

  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_;
  std::mutex refresh_mutex_;
  Stamp tokens_stamp_;
  Stamp admin_stamp_;
  bool admin_is_due_ = false;  ///< There was no room for its file.
};

}  // namespace towld
