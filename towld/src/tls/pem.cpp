#include "tls/pem.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <memory>

namespace towld {

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(std::max(bytes, 0L))};
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  return memory && PEM_write_bio_X509(memory.get(), certificate) == 1 ? text_of(memory.get()) : "";
}

}  // namespace towld
