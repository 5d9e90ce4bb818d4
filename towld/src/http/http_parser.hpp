// HttpParser reads one request off a connection's bytes, with Boost.Beast's parser (RFC 9112).
//
// The body goes into the request as it arrives: nothing is reserved for what a client only claims.
// Threads: one at a time. One parser a request.
#pragma once

#include <utility>
// Boost after <utility>: g++ 12 needs it for coroutines.
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/http_message.hpp"
#include "limits/limits.hpp"

namespace towld {

class HttpParser final : public boost::beast::http::basic_parser<true> {
 public:
  /// Fills `request`, which must outlive the parser.
  HttpParser(HttpRequest& request, const HttpLimits& limits);

  struct Read {
    std::size_t bytes = 0;    ///< So many were used up.
    bool needs_more = false;  ///< The rest, if any, must be given again with more after it.
    unsigned status = 0;      ///< Not 0: the request is answered with this, and the connection closed.
    std::string_view why = {};
  };

  /// Reads on; stops after the header and after the request.
  Read read(std::string_view bytes);

  /// Bodies of any length, as long as they come in chunks.
  void allow_any_body() { body_limit(boost::none); }

  /// From here on once is_header_done().
  bool expects_continue() const { return expects_continue_; }
  bool has_unknown_expectation() const { return has_unknown_expectation_; }
  /// HTTP/1.1 demands the header, once (RFC 9112, 3.2).
  bool lacks_host() const { return host_count_ == 0 && is_version_1_1_; }
  bool has_hosts() const { return host_count_ > 1; }
  std::optional<std::uint64_t> content_length_claimed() const;

 private:
  using ErrorCode = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb method, Text name, Text target, int version, ErrorCode& error) override;
  void on_response_impl(int, Text, int, ErrorCode&) override {}
  void on_field_impl(boost::beast::http::field field, Text name, Text value, ErrorCode& error) override;
  void on_header_impl(ErrorCode& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
  std::size_t on_body_impl(Text body, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t, Text extensions, ErrorCode& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, ErrorCode& error) override;
  void on_finish_impl(ErrorCode&) override {}

  HttpRequest& request_;
  bool expects_continue_ = false;
  bool has_unknown_expectation_ = false;
  bool has_transfer_encoding_ = false;
  int host_count_ = 0;
  bool is_version_1_1_ = false;
  std::size_t extension_bytes_ = 0;  // of all chunks
  bool in_trailer_ = false;
};

}  // namespace towld
