#include "outputs/towl/forward_position.hpp"

#include <tuple>

namespace towld {

PushPosition further(const PushPosition& a, const PushPosition& b) {
  return std::tie(a.file_id, a.count) < std::tie(b.file_id, b.count) ? b : a;
}

std::optional<PushPosition> next_to_send(const towl::ServedFiles& files, const PushPosition& position) {
  std::optional<PushPosition> next;
  files.each_after(position.file_id > 0 ? position.file_id - 1 : 0, [&](const towl::ServedFile& file) {
    if (file.file_id() == position.file_id) {
      if (!file.open && file.index.count == position.count) return true;
      next = position;
    } else {
      next = PushPosition{file.file_id(), 0, 0};
    }
    return false;
  });
  return next;
}

}  // namespace towld
