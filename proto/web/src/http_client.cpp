#include "towl/web/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "trimmed.hpp"

namespace towl::web {
namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// libcurl must be set up once, before threads use it.
void set_up_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(done);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return line;
}

}  // namespace

struct HttpClient::State {
  ClientSecurity security;
  ClientLimits limits;
  std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
  std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
  std::unique_ptr<curl_slist, FreeList> headers;
  std::string body;
  std::function<bool(std::string_view)> take;
  Response response;
  bool busy = false;
  bool too_large = false;
  bool given_up = false;
  std::array<char, CURL_ERROR_SIZE> message{};

  /// The body is the caller's.
  bool is_taken() const {
    long status = 0;
    if (take) curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    return status == 200;
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    if (state.is_taken()) {
      state.given_up = !state.take({data, size * count});
      return state.given_up ? 0 : size * count;
    }
    state.too_large = state.response.body.size() + size * count > state.limits.max_answer_bytes;
    if (state.too_large) return 0;
    state.response.body.append(data, size * count);
    return size * count;
  }

  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    auto& headers = state.response.headers;
    const std::string_view line(data, size * count);
    if (trimmed(line).empty() && state.is_taken()) {
      state.given_up = !state.take({});
      return state.given_up ? 0 : size * count;
    }
    // The headers of an interim answer do not belong to the last one.
    if (line.starts_with("HTTP/")) headers.clear();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size * count;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
    return size * count;
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy.get(), option, value);
  }

  void stop() {
    if (busy) curl_multi_remove_handle(multi.get(), easy.get());
    busy = false;
  }
};

std::string_view Response::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

HttpClient::HttpClient(const ClientSecurity& security, const ClientLimits& limits) {
  set_up_curl();
  state_ = std::make_unique<State>();
  state_->security = security;
  state_->limits = limits;
}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() {
  if (state_) state_->stop();
}

Result<void> HttpClient::start(Request request) {
  State& state = *state_;
  state.stop();
  if (!state.easy || !state.multi) return fail(ErrorCode::io, "libcurl cannot be set up");
  state.response = {};
  state.too_large = false;
  state.given_up = false;
  state.take = std::move(request.take);
  state.message[0] = '\0';
  curl_easy_reset(state.easy.get());
  state.body = std::move(request.body);
  state.headers.reset();
  const auto add = [&](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(state.headers.get(), line.c_str())) {
      static_cast<void>(state.headers.release());
      state.headers.reset(longer);
    }
  };
  // A body is sent at once, without asking first: that would cost a round trip.
  add("Expect:");
  for (const auto& [name, value] : request.headers) {
    // An empty value would remove the header.
    add(value.empty() ? one_line(name) + ";" : one_line(name) + ": " + one_line(value));
  }
  state.set(CURLOPT_URL, request.url.c_str());
  state.set(CURLOPT_PROTOCOLS_STR, "http,https");
  state.set(CURLOPT_NOSIGNAL, 1L);
  // A peer that is gone without a word is noticed, no matter how long an answer may take.
  state.set(CURLOPT_TCP_KEEPALIVE, 1L);
  state.set(CURLOPT_TCP_KEEPIDLE, 30L);
  state.set(CURLOPT_TCP_KEEPINTVL, 10L);
  state.set(CURLOPT_PATH_AS_IS, 1L);
  state.set(CURLOPT_ERRORBUFFER, state.message.data());
  state.set(CURLOPT_HTTPHEADER, state.headers.get());
  state.set(CURLOPT_WRITEFUNCTION, &State::take_body);
  state.set(CURLOPT_WRITEDATA, static_cast<void*>(&state));
  state.set(CURLOPT_HEADERFUNCTION, &State::take_header);
  state.set(CURLOPT_HEADERDATA, static_cast<void*>(&state));
  state.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(state.limits.connect_time.count()));
  state.set(CURLOPT_TIMEOUT_MS, static_cast<long>(state.limits.whole_time.count()));
  state.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  state.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(state.limits.stall_time.count()));
  state.set(CURLOPT_SSL_VERIFYPEER, state.security.skip_verify ? 0L : 1L);
  state.set(CURLOPT_SSL_VERIFYHOST, state.security.skip_verify ? 0L : 2L);
  if (!state.security.ca.empty()) state.set(CURLOPT_CAINFO, state.security.ca.c_str());
  if (!state.security.cert.empty()) state.set(CURLOPT_SSLCERT, state.security.cert.c_str());
  if (!state.security.key.empty()) state.set(CURLOPT_SSLKEY, state.security.key.c_str());
  if (!state.security.user.empty()) {
    state.set(CURLOPT_USERNAME, state.security.user.c_str());
    state.set(CURLOPT_PASSWORD, state.security.password.c_str());
  }
  if (!request.signature.empty()) state.set(CURLOPT_AWS_SIGV4, request.signature.c_str());
  if (request.method == "HEAD") {
    state.set(CURLOPT_NOBODY, 1L);
  } else if (!state.body.empty() || request.method == "POST" || request.method == "PUT") {
    state.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(state.body.size()));
    state.set(CURLOPT_POSTFIELDS, state.body.data());
    state.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    state.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (curl_multi_add_handle(state.multi.get(), state.easy.get()) != CURLM_OK) {
    return fail(ErrorCode::io, "libcurl does not take the request");
  }
  state.busy = true;
  return {};
}

bool HttpClient::is_busy() const { return state_->busy; }

Result<std::optional<Response>> HttpClient::step() {
  State& state = *state_;
  if (!state.busy) return fail(ErrorCode::io, "no request was started");
  int running = 0;
  if (const auto code = curl_multi_perform(state.multi.get(), &running); code != CURLM_OK) {
    state.stop();
    return fail(ErrorCode::io, curl_multi_strerror(code));
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(state.multi.get(), &left);
  if (message == nullptr || message->msg != CURLMSG_DONE) return std::nullopt;
  const CURLcode code = message->data.result;
  state.stop();
  if (state.given_up) return fail(ErrorCode::closed, "given up");
  if (state.too_large) return fail(ErrorCode::io, "the answer is larger than it may be");
  if (code != CURLE_OK) {
    return fail(ErrorCode::io, state.message[0] != '\0' ? state.message.data() : curl_easy_strerror(code));
  }
  curl_easy_getinfo(state.easy.get(), CURLINFO_RESPONSE_CODE, &state.response.status);
  return std::move(state.response);
}

void HttpClient::wait(int fd, std::chrono::milliseconds at_most) {
  curl_waitfd extra = {fd, CURL_WAIT_POLLIN, 0};
  curl_multi_poll(state_->multi.get(), &extra, fd < 0 ? 0 : 1, static_cast<int>(at_most.count()), nullptr);
}

void HttpClient::cancel() { state_->stop(); }

Result<Response> HttpClient::run(Request request, const std::function<bool()>& is_stopped) {
  if (auto started = start(std::move(request)); !started) return fail(std::move(started.error()));
  for (;;) {
    auto answer = step();
    if (!answer) return fail(std::move(answer.error()));
    if (*answer) return std::move(**answer);
    wait(-1, std::chrono::milliseconds(250));
    if (is_stopped && is_stopped()) {
      cancel();
      return fail(ErrorCode::closed, "stopped");
    }
  }
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || keep.find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

}  // namespace towl::web
