// S3Place is where in an object store an output writes, as its settings say it. The keys are listed in README.md.
#pragma once

#include <string>

namespace towld {

class YamlMap;

struct S3Place {
  std::string endpoint = {};  ///< Empty: Amazon's.
  std::string region = "us-east-1";
  std::string bucket = {};
  std::string prefix = {};            ///< Of the objects' keys, without a slash at its end; may be empty.
  std::string credentials_file = {};  ///< Empty: see towl::web::find_s3_credentials().
  std::string ca = {};
  bool skip_verify = false;
  bool plaintext = false;

  /// Of an object below the prefix.
  std::string key_of(const std::string& name) const { return prefix.empty() ? name : prefix + "/" + name; }

  friend bool operator==(const S3Place&, const S3Place&) = default;
};

/// Reads all but bucket and prefix, and complains about an endpoint that is none, or that is reached in clear text.
void read_s3_server(YamlMap& map, S3Place& place);

}  // namespace towld
