// Certificates for tests of TLS, made by openssl(1).
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/process.hpp"

namespace towl::test {

/// A key and a self-signed certificate for "localhost" and 127.0.0.1: `name`.key and `name`.pem in `folder`. False
/// if there is no openssl(1).
inline bool make_certificate(const std::filesystem::path& folder, const std::string& name) {
  const auto made =
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
           "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
           folder / (name + ".key"), "-out", folder / (name + ".pem")});
  if (made.code != 127) {
    EXPECT_EQ(made.code, 0) << made.err;
  }
  return made.code == 0;
}

}  // namespace towl::test
