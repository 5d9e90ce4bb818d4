#include "outputs/web/web_config.hpp"

#include "access/private_file.hpp"
#include "config/names.hpp"

namespace towld {
namespace {

constexpr Names<bool, 2> kCompressions = {{{"none", false}, {"gzip", true}}};

void check(YamlMap& map, const WebConfig& config) {
  const bool proves = !config.token_file.empty() || !config.user.empty() || !config.headers.empty();
  if (const std::string wrong = towl::web::wrong_with_url(config.url); !wrong.empty()) {
    return map.complain("url", "\"" + config.url + "\" " + wrong);
  }
  const bool is_clear = config.url.starts_with("http://") && !towl::web::is_this_host(config.url);
  if (is_clear && proves && !config.plaintext) {
    map.complain("url", "what is said to " + config.url +
                            " can be read on the way, tokens and headers too: use https://, or say plaintext: true");
  }
  if (!config.token_file.empty() && !config.user.empty()) {
    map.complain("token_file", "a token and a user exclude each other");
  }
  if (config.user.empty() != config.password_file.empty()) {
    map.complain("user", "user and password_file belong together");
  }
  if (config.cert.empty() != config.key.empty()) map.complain("tls", "cert and key belong together");
}

}  // namespace

void read_web(YamlMap& map, const char* example, WebConfig& config) {
  map.text("url", config.url);
  if (config.url.empty()) return map.complain("url", std::string("is missing, e.g. ") + example);
  while (config.url.ends_with('/')) config.url.pop_back();
  map.map("tls", [&](YamlMap& inner) {
    inner.text("ca", config.ca);
    inner.text("cert", config.cert);
    inner.text("key", config.key);
    inner.choice("insecure_skip_verify", kYesOrNo, config.skip_verify);
  });
  map.text("token_file", config.token_file);
  map.text("token_scheme", config.token_scheme);
  map.text("user", config.user);
  map.text("password_file", config.password_file);
  map.choice("plaintext", kYesOrNo, config.plaintext);
  map.text_map("headers", config.headers);
  map.choice("compression", kCompressions, config.gzip);
  map.choice("from", kReadFrom, config.from);
  check(map, config);
}

towl::Result<WebIdentity> read_identity(const WebConfig& config) {
  WebIdentity identity{.security = {.ca = config.ca,
                                    .cert = config.cert,
                                    .key = config.key,
                                    .skip_verify = config.skip_verify,
                                    .user = config.user}};
  if (!config.token_file.empty()) {
    auto token = read_secret_file(config.token_file);
    if (!token) return towl::fail(std::move(token.error()));
    identity.authorization = config.token_scheme + " " + *token;
  }
  if (!config.password_file.empty()) {
    auto password = read_secret_file(config.password_file);
    if (!password) return towl::fail(std::move(password.error()));
    identity.security.password = std::move(*password);
  }
  return identity;
}

}  // namespace towld
