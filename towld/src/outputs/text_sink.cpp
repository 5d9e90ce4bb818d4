#include "outputs/text_sink.hpp"

namespace towld {

towl::Result<bool> TextSink::write() {
  while (written_ < buffer_.size()) {
    const auto some = target_.write_some(std::string_view(buffer_).substr(written_));
    if (!some) return towl::fail(some.error());
    if (*some == 0) return false;
    written_ += *some;
  }
  buffer_.clear();
  written_ = 0;
  return true;
}

}  // namespace towld
