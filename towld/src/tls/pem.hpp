// Certificates as text. Pure.
#pragma once

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <string>

namespace towld {

/// What was written into a memory BIO.
std::string text_of(BIO* memory);

/// PEM (RFC 7468). "" if there is no memory.
std::string pem_of(X509* certificate);

}  // namespace towld
