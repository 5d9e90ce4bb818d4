// zstd contexts with an owner. RFC 8878; libzstd 1.5.
#pragma once

#include <zstd.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace towl::detail::v2 {

class Compressor {
 public:
  explicit Compressor(int level) : context_(ZSTD_createCCtx()), level_(level) {}

  /// The compressed bytes, replacing what `to` held. False if there is no memory for it: store it raw then.
  bool compress(std::string_view bytes, std::string& to) {
    to.resize(ZSTD_compressBound(bytes.size()));
    if (context_ == nullptr) return false;
    const std::size_t size =
        ZSTD_compressCCtx(context_.get(), to.data(), to.size(), bytes.data(), bytes.size(), level_);
    if (ZSTD_isError(size) != 0) return false;
    to.resize(size);
    return true;
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  int level_;
};

class Decompressor {
 public:
  Decompressor() : context_(ZSTD_createDCtx()) {}

  /// Fills `to`, which has exactly the right size. False if `bytes` do not decompress to that.
  bool decompress(std::string_view bytes, std::span<char> to) {
    if (context_ == nullptr) return false;
    const std::size_t size = ZSTD_decompressDCtx(context_.get(), to.data(), to.size(), bytes.data(), bytes.size());
    return ZSTD_isError(size) == 0 && size == to.size();
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace towl::detail::v2
