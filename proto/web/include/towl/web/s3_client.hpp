// S3Client talks to an object store: Amazon's S3, or another that speaks its protocol, with path-style addresses.
//
// Signature: version 4, by libcurl; the SHA-256 of each body is signed with it, so that the store refuses a body that is
//            not what was sent. What the store answers is compared as well: see put() and put_part().
// Retry:     what may work the next time (no connection, 429, 5xx) is tried a few times, after growing pauses.
// Memory:    one body at a time.
// Threads:   one at a time.
// Errors:    not_found, permission_denied (with what the store says: a key, a clock that is off), io, corrupt (what is
//            there is not what was sent), closed (is_stopped said so).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/result.hpp"
#include "towl/web/http_client.hpp"

namespace towl::web {

struct S3Address {
  std::string endpoint = {};  ///< http:// or https://; empty: Amazon's for the region.
  std::string region = "us-east-1";
  std::string bucket = {};
};

struct S3Credentials {
  std::string key = {};
  std::string secret = {};
  std::string session_token = {};  ///< Empty: none.
};

/// From `file` in the AWS tools' format ("[default]", "aws_access_key_id = …"), if given; else from AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; else from AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials. In a file,
/// the section AWS_PROFILE or "default". Errors: not_found, permission_denied, invalid_argument, with what to do.
Result<S3Credentials> find_s3_credentials(const std::string& file = "");

struct S3Object {
  std::string key = {};
  std::uint64_t size = 0;
  std::string etag = {};              ///< Without its quotes.
  std::vector<Header> metadata = {};  ///< Without x-amz-meta-; only from head().

  std::string_view meta(std::string_view name) const;
};

struct S3Upload {
  std::string key = {};
  std::string id = {};
};

/// 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same for data that comes in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void add(std::string_view bytes);
  /// Call it once, at the end.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class S3Client {
 public:
  S3Client(S3Address address, S3Credentials credentials, const ClientSecurity& security,
           std::function<bool()> is_stopped = {});

  /// Stores an object. What the store says about it (its ETag, if that is an MD5) must match what was sent.
  Result<void> put(const std::string& key, std::string body, const std::vector<Header>& metadata = {});

  /// nullopt if there is none.
  Result<std::optional<S3Object>> head(const std::string& key);

  /// The whole of an object, or a part of it; nullopt if there is none. At most kMaxS3Answer bytes.
  Result<std::optional<std::string>> get(const std::string& key);
  Result<std::optional<std::string>> get(const std::string& key, std::uint64_t offset, std::uint64_t length);

  Result<void> remove(const std::string& key);

  /// Objects whose keys begin with `prefix`, in key order. With `delimiter`: only keys without one after the prefix.
  Result<std::vector<S3Object>> list(const std::string& prefix, const std::string& delimiter = "");

  /// An upload in parts: nothing is there until it is completed.
  Result<std::string> begin_upload(const std::string& key, const std::vector<Header>& metadata);
  /// Part `number`, from 1; every part but the last has at least 5 MiB. Returns its ETag, which has been compared.
  Result<std::string> put_part(const std::string& key, const std::string& upload, int number, std::string body);
  Result<void> complete_upload(const std::string& key, const std::string& upload,
                               const std::vector<std::string>& etags);
  Result<void> abort_upload(const std::string& key, const std::string& upload);
  /// Uploads that were begun, but neither completed nor aborted.
  Result<std::vector<S3Upload>> uploads(const std::string& prefix);

  /// Bytes of bodies that came since the start.
  std::uint64_t received_bytes() const { return received_bytes_; }

 private:
  struct Call {
    std::string method;
    std::string key = {};
    std::string query = {};  // sorted, with "=" for each name
    std::vector<Header> headers = {};
    std::string body = {};
  };
  Result<Response> ask(const Call& call);
  Result<Response> try_once(const Call& call);
  Error error_of(const Response& response, const Call& call) const;

  S3Address address_;
  S3Credentials credentials_;
  std::function<bool()> is_stopped_;
  HttpClient client_;
  std::uint64_t received_bytes_ = 0;
};

inline constexpr std::size_t kMaxS3Answer = std::size_t{80} << 20;

}  // namespace towl::web
