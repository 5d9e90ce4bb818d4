// ParquetObjects are the files of an output of type `parquet` in an object store:
//
//     PREFIX/host=HOST/date=YYYY-MM-DD/YYYYMMDD-HHmm.parquet      what comes late: …-HHmm.2.parquet
//     PREFIX/.towl/round                                          RoundState, once all that it tells of is there
//
// Once: a file is removed from the folder after its object is there. After a crash in between, an object with the
//       file's digest is found, and is not sent again. One with another digest is another round's: the next number is
//       taken.
// Lost folder: the state in the object store says where to go on. An incomplete round is written and sent again.
// Threads: one at a time.
#pragma once

#include <optional>

#include "outputs/parquet/parquet_delivery.hpp"
#include "towl/web/s3_client.hpp"

namespace towld {

class ParquetObjects final : public ParquetDelivery {
 public:
  explicit ParquetObjects(ParquetDeliveryPlan plan) : plan_(std::move(plan)) {}

  towl::Result<void> deliver() override;

 private:
  towl::Result<void> connect();
  towl::Result<void> restore_state();
  towl::Result<void> send(const std::filesystem::path& file);
  towl::Result<void> send_state();

  ParquetDeliveryPlan plan_;
  std::optional<towl::web::S3Client> store_;
  bool has_begun_ = false;
  std::string sent_state_ = {};
};

}  // namespace towld
