#include "towl/web/s3_client.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "trimmed.hpp"

namespace towl::web {
namespace {

using namespace std::chrono_literals;

constexpr int kTries = 5;
constexpr auto kFirstPause = 200ms;
constexpr auto kLongestPause = 5s;
constexpr std::size_t kReasonBytes = 300;

std::string hex_of(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    hex += kDigits[bytes[i] >> 4];
    hex += kDigits[bytes[i] & 15];
  }
  return hex;
}

std::string digest_hex(std::string_view bytes, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) != 1) return {};
  return hex_of(digest.data(), size);
}

std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string plain;
  while (!text.empty()) {
    const auto entity =
        std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& one) { return text.starts_with(one.first); });
    if (entity == kEntities.end()) {
      plain += text.front();
      text.remove_prefix(1);
    } else {
      plain += entity->second;
      text.remove_prefix(entity->first.size());
    }
  }
  return plain;
}

/// The text of the first element of that name, and what follows it; "" if there is none.
std::string element(std::string_view xml, std::string_view name, std::string_view* rest = nullptr) {
  const std::string begin = "<" + std::string(name) + ">";
  const std::string end = "</" + std::string(name) + ">";
  const auto from = xml.find(begin);
  const auto to = from == std::string_view::npos ? from : xml.find(end, from);
  if (to == std::string_view::npos) {
    if (rest != nullptr) *rest = {};
    return {};
  }
  if (rest != nullptr) *rest = xml.substr(to + end.size());
  return std::string(xml.substr(from + begin.size(), to - from - begin.size()));
}

std::string without_quotes(std::string text) {
  text = unescaped(text);
  std::erase(text, '"');
  return text;
}

bool is_md5(std::string_view etag) {
  return etag.size() == 32 && etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool may_work_later(const Response& response) { return response.status == 429 || response.status >= 500; }

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string endpoint_of(const S3Address& address) {
  if (address.endpoint.empty()) return "https://s3." + address.region + ".amazonaws.com";
  std::string endpoint = address.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint;
}

ClientSecurity with_keys(ClientSecurity security, const S3Credentials& credentials) {
  security.user = credentials.key;
  security.password = credentials.secret;
  return security;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) { return digest_hex(bytes, EVP_sha256()); }

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};
Sha256::Sha256() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;
void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()); }
std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  return hex_of(digest.data(), size);
}

Result<S3Credentials> find_s3_credentials(const std::string& file) {
  S3Credentials found;
  std::string path = file;
  if (path.empty()) {
    found = {environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"), environment("AWS_SESSION_TOKEN")};
    if (!found.key.empty() && !found.secret.empty()) return found;
    path = environment("AWS_SHARED_CREDENTIALS_FILE");
    if (path.empty()) path = environment("HOME") + "/.aws/credentials";
  }
  std::ifstream stream(path);
  if (!stream) {
    return fail(error_from_errno(errno,
                                 "cannot read the object store's credentials; set AWS_ACCESS_KEY_ID and "
                                 "AWS_SECRET_ACCESS_KEY, or name a file with them",
                                 path));
  }
  std::string wanted = environment("AWS_PROFILE");
  if (wanted.empty()) wanted = "default";
  found = {};
  bool within = false;
  for (std::string line; std::getline(stream, line);) {
    line = std::string(trimmed(line));
    if (line.starts_with('[')) within = line == "[" + wanted + "]";
    const auto equals = line.find('=');
    if (!within || equals == std::string::npos) continue;
    const std::string_view name = trimmed(std::string_view(line).substr(0, equals));
    const std::string_view value = trimmed(std::string_view(line).substr(equals + 1));
    if (name == "aws_access_key_id") found.key = value;
    if (name == "aws_secret_access_key") found.secret = value;
    if (name == "aws_session_token") found.session_token = value;
  }
  if (!found.key.empty() && !found.secret.empty()) return found;
  return fail(ErrorCode::invalid_argument,
              "has no aws_access_key_id and aws_secret_access_key in its section [" + wanted + "]", path);
}

std::string_view S3Object::meta(std::string_view name) const {
  for (const auto& [known, value] : metadata) {
    if (known == name) return value;
  }
  return {};
}

S3Client::S3Client(S3Address address, S3Credentials credentials, const ClientSecurity& security,
                   std::function<bool()> is_stopped)
    : address_(std::move(address)),
      credentials_(std::move(credentials)),
      is_stopped_(std::move(is_stopped)),
      client_(with_keys(security, credentials_), ClientLimits{.max_answer_bytes = kMaxS3Answer}) {
  address_.endpoint = endpoint_of(address_);
}

Result<Response> S3Client::try_once(const Call& call) {
  Request request{.method = call.method, .headers = call.headers, .body = call.body};
  request.url = address_.endpoint + "/" + address_.bucket + "/" + percent_encode(call.key, "/");
  if (!call.query.empty()) request.url += "?" + call.query;
  request.signature = "aws:amz:" + address_.region + ":s3";
  // libcurl 7.88 signs it, and does not set it.
  request.headers.emplace_back("x-amz-content-sha256", sha256_hex(call.body));
  if (!credentials_.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", credentials_.session_token);
  }
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/octet-stream");
  auto response = client_.run(std::move(request), is_stopped_);
  if (response) received_bytes_ += response->body.size();
  return response;
}

Result<Response> S3Client::ask(const Call& call) {
  auto pause = std::chrono::milliseconds(kFirstPause);
  for (int tried = 1;; ++tried) {
    auto response = try_once(call);
    const bool again = response ? may_work_later(*response) : response.error().code == ErrorCode::io;
    if (!again || tried == kTries) {
      if (!response) {
        response.error().message = address_.endpoint + ": " + response.error().message;
        return response;
      }
      if (response->status >= 200 && response->status < 300) return response;
      return fail(error_of(*response, call));
    }
    const auto until = std::chrono::steady_clock::now() + pause;
    while (std::chrono::steady_clock::now() < until) {
      if (is_stopped_ && is_stopped_()) return fail(ErrorCode::closed, "stopped");
      std::this_thread::sleep_for(50ms);
    }
    pause = std::min<std::chrono::milliseconds>(2 * pause, kLongestPause);
  }
}

Error S3Client::error_of(const Response& response, const Call& call) const {
  ErrorCode code = ErrorCode::io;
  if (response.status == 404) code = ErrorCode::not_found;
  if (response.status == 401 || response.status == 403) code = ErrorCode::permission_denied;
  std::string message = "the object store answers " + std::to_string(response.status) + " to " + call.method;
  const std::string what = unescaped(element(response.body, "Code"));
  if (!what.empty()) {
    message += ": " + what + ", " + unescaped(element(response.body, "Message")).substr(0, kReasonBytes);
  }
  if (what == "RequestTimeTooSkewed") message += " Set this machine's clock";
  if (what == "SignatureDoesNotMatch" || what == "InvalidAccessKeyId") message += " Look at the key and the secret";
  return {code, message, "s3://" + address_.bucket + "/" + call.key};
}

namespace {

std::vector<Header> headers_of(const std::vector<Header>& metadata) {
  std::vector<Header> headers;
  for (const auto& [name, value] : metadata) headers.emplace_back("x-amz-meta-" + name, value);
  return headers;
}

Error is_not_what_was_sent(const std::string& key) {
  return {ErrorCode::corrupt, "what the object store has is not what was sent", key};
}

}  // namespace

Result<void> S3Client::put(const std::string& key, std::string body, const std::vector<Header>& metadata) {
  const std::string sent = digest_hex(body, EVP_md5());
  const auto response = ask({.method = "PUT", .key = key, .headers = headers_of(metadata), .body = std::move(body)});
  if (!response) return fail(response.error());
  const std::string etag = without_quotes(std::string(response->header("etag")));
  if (is_md5(etag) && etag != sent) return fail(is_not_what_was_sent(key));
  return {};
}

Result<std::optional<S3Object>> S3Client::head(const std::string& key) {
  const auto response = ask({.method = "HEAD", .key = key});
  if (!response) {
    if (response.error().code == ErrorCode::not_found) return std::nullopt;
    return fail(response.error());
  }
  S3Object object{.key = key};
  object.size = std::strtoull(std::string(response->header("content-length")).c_str(), nullptr, 10);
  object.etag = without_quotes(std::string(response->header("etag")));
  constexpr std::string_view kMeta = "x-amz-meta-";
  for (const auto& [name, value] : response->headers) {
    if (name.starts_with(kMeta)) object.metadata.emplace_back(name.substr(kMeta.size()), value);
  }
  return object;
}

Result<std::optional<std::string>> S3Client::get(const std::string& key) {
  auto response = ask({.method = "GET", .key = key});
  if (response) return std::move(response->body);
  if (response.error().code == ErrorCode::not_found) return std::nullopt;
  return fail(std::move(response.error()));
}

Result<std::optional<std::string>> S3Client::get(const std::string& key, std::uint64_t offset, std::uint64_t length) {
  const std::string range = "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + length - 1);
  auto response = ask({.method = "GET", .key = key, .headers = {{"Range", range}}});
  if (response) {
    // A store that does not know ranges sends the whole object.
    if (response->status != 206 && response->body.size() > length) {
      response->body = response->body.substr(std::min<std::uint64_t>(offset, response->body.size()), length);
    }
    return std::move(response->body);
  }
  if (response.error().code == ErrorCode::not_found) return std::nullopt;
  return fail(std::move(response.error()));
}

Result<void> S3Client::remove(const std::string& key) {
  const auto response = ask({.method = "DELETE", .key = key});
  if (!response && response.error().code != ErrorCode::not_found) return fail(response.error());
  return {};
}

Result<std::vector<S3Object>> S3Client::list(const std::string& prefix, const std::string& delimiter) {
  std::vector<S3Object> objects;
  std::string more;
  do {
    std::string query;
    if (!more.empty()) query += "continuation-token=" + percent_encode(more) + "&";
    if (!delimiter.empty()) query += "delimiter=" + percent_encode(delimiter) + "&";
    query += "list-type=2&prefix=" + percent_encode(prefix);
    const auto response = ask({.method = "GET", .query = query});
    if (!response) return fail(response.error());
    std::string_view rest = response->body;
    for (std::string one; !(one = element(rest, "Contents", &rest)).empty();) {
      objects.push_back({.key = unescaped(element(one, "Key")),
                         .size = std::strtoull(element(one, "Size").c_str(), nullptr, 10),
                         .etag = without_quotes(element(one, "ETag"))});
    }
    const bool is_cut = element(response->body, "IsTruncated") == "true";
    more = is_cut ? unescaped(element(response->body, "NextContinuationToken")) : "";
  } while (!more.empty());
  return objects;
}

Result<std::string> S3Client::begin_upload(const std::string& key, const std::vector<Header>& metadata) {
  const auto response = ask({.method = "POST", .key = key, .query = "uploads=", .headers = headers_of(metadata)});
  if (!response) return fail(response.error());
  std::string id = unescaped(element(response->body, "UploadId"));
  if (id.empty()) return fail(ErrorCode::io, "the object store begins an upload without an ID", key);
  return id;
}

Result<std::string> S3Client::put_part(const std::string& key, const std::string& upload, int number,
                                       std::string body) {
  const std::string sent = digest_hex(body, EVP_md5());
  const auto response = ask({.method = "PUT",
                             .key = key,
                             .query = "partNumber=" + std::to_string(number) + "&uploadId=" + percent_encode(upload),
                             .body = std::move(body)});
  if (!response) return fail(response.error());
  std::string etag = without_quotes(std::string(response->header("etag")));
  if (is_md5(etag) && etag != sent) return fail(is_not_what_was_sent(key));
  return etag;
}

Result<void> S3Client::complete_upload(const std::string& key, const std::string& upload,
                                       const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>\"" + etags[i] + "\"</ETag></Part>";
  }
  body += "</CompleteMultipartUpload>";
  const auto response =
      ask({.method = "POST", .key = key, .query = "uploadId=" + percent_encode(upload), .body = std::move(body)});
  if (!response) return fail(response.error());
  // The store may begin to answer before it knows the result: 200, and then an error.
  if (response->body.find("<Error>") != std::string::npos) {
    return fail(ErrorCode::io, "the object store did not complete the upload: " + element(response->body, "Code"), key);
  }
  return {};
}

Result<void> S3Client::abort_upload(const std::string& key, const std::string& upload) {
  const auto response = ask({.method = "DELETE", .key = key, .query = "uploadId=" + percent_encode(upload)});
  if (!response && response.error().code != ErrorCode::not_found) return fail(response.error());
  return {};
}

Result<std::vector<S3Upload>> S3Client::uploads(const std::string& prefix) {
  const auto response = ask({.method = "GET", .query = "prefix=" + percent_encode(prefix) + "&uploads="});
  if (!response) return fail(response.error());
  std::vector<S3Upload> found;
  std::string_view rest = response->body;
  for (std::string one; !(one = element(rest, "Upload", &rest)).empty();) {
    found.push_back({unescaped(element(one, "Key")), unescaped(element(one, "UploadId"))});
  }
  return found;
}

}  // namespace towl::web
