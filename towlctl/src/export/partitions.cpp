#include "export/partitions.hpp"

#include "tables/folder_name.hpp"
#include "towl/time.hpp"

namespace towlctl {
namespace {

/// A name may have 255 bytes, "host=" included.
constexpr std::size_t kMostFolderBytes = 128;

}  // namespace

towl::Result<Partitions> Partitions::read(std::string_view names) {
  Partitions partitions;
  for (const auto& [name, order] : {std::pair("host", "h"), {"day", "d"}, {"host,day", "hd"}, {"day,host", "dh"}}) {
    if (names == name) partitions.order_ = order;
  }
  if (!partitions.is_none()) return partitions;
  return towl::fail(towl::ErrorCode::invalid_argument, "--partition-by: host, day, or host,day");
}

const std::string& Partitions::folder_of(const towl::EntryView& entry) {
  folder_.clear();
  for (const char by : order_) {
    if (!folder_.empty()) folder_ += '/';
    if (by == 'h') {
      folder_ += "host=";
      folder_ += towl::folder_name(entry.sender, kMostFolderBytes);
    } else {
      folder_ += "day=";
      folder_ += towl::format_rfc3339(entry.time()).view().substr(0, 10);
    }
  }
  return folder_;
}

}  // namespace towlctl
