#include "outputs/s3_place.hpp"

#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "towl/web/url.hpp"

namespace towld {

void read_s3_server(YamlMap& map, S3Place& place) {
  map.text("endpoint", place.endpoint);
  map.text("region", place.region);
  map.text("credentials_file", place.credentials_file);
  map.choice("plaintext", kYesOrNo, place.plaintext);
  map.map("tls", [&](YamlMap& inner) {
    inner.text("ca", place.ca);
    inner.choice("insecure_skip_verify", kYesOrNo, place.skip_verify);
  });
  while (place.endpoint.ends_with('/')) place.endpoint.pop_back();
  if (place.endpoint.empty()) return;
  const std::string wrong = towl::web::wrong_with_url(place.endpoint);
  if (!wrong.empty()) map.complain("endpoint", "\"" + place.endpoint + "\" " + wrong);
  const bool is_clear = place.endpoint.starts_with("http://") && !towl::web::is_this_host(place.endpoint);
  if (is_clear && !place.plaintext) {
    map.complain("endpoint", "what is sent there can be read on the way: use https://, or say plaintext: true");
  }
}

}  // namespace towld
