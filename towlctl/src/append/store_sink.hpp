// StoreSink appends to a store in a local folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "append/entry_sink.hpp"
#include "towl/store.hpp"

namespace towlctl {

class StoreSink : public EntrySink {
 public:
  /// Opens or creates the store. Without a title it takes that of the newest file. Errors: those of
  /// StoreWriter::open().
  static towl::Result<std::unique_ptr<StoreSink>> open(const std::filesystem::path& folder,
                                                       const std::optional<std::string>& title, Durability durability,
                                                       towl::FileFormat file_format);

  StoreSink(towl::StoreWriter writer, Durability durability);

  towl::Result<void> append(const Batch& batch) override;
  towl::Result<void> finish() override;
  const Stored& stored() const override { return stored_; }

 private:
  towl::Result<void> sync();

  towl::StoreWriter writer_;
  Durability durability_;
  std::vector<towl::EntryView> views_;
  std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
  Stored stored_;
};

}  // namespace towlctl
