// ParquetDelivery takes the files of finished rounds from the folder that they are written to, into an object store.
//
// The store's client is in the room outputs/s3, which towld has in a module and loads once a configuration has a path
// that begins with s3://; a program can also link that room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "log/spdlog.hpp"
#include "outputs/s3_place.hpp"
#include "towl/result.hpp"

namespace towld {

class ParquetDelivery {
 public:
  virtual ~ParquetDelivery() = default;

  /// Sends what the folder has of finished rounds, and removes it there once it has arrived: without an error, nothing is left. To be
  /// called while no round is written. Errors: those of towl::web::S3Client; what has arrived until then is not sent again.
  virtual towl::Result<void> deliver() = 0;
};

struct ParquetDeliveryPlan {
  S3Place place = {};
  std::filesystem::path folder = {};
  std::string output = {};                   ///< Its name, for the log.
  std::shared_ptr<spdlog::logger> log = {};  ///< May be null.
  std::function<bool()> is_stopped = {};     ///< Asked while it waits for the network.
};

/// Errors: not_found and permission_denied of the credentials; those of a module that cannot be loaded.
towl::Result<std::unique_ptr<ParquetDelivery>> deliver_to_objects(ParquetDeliveryPlan plan);

/// The name of a DeliverToObjects in the module.
inline constexpr const char* kDeliverToObjectsSymbol = "towld_deliver_to_objects";
using DeliverToObjects = void (*)(ParquetDeliveryPlan& plan, towl::Result<std::unique_ptr<ParquetDelivery>>& made);

}  // namespace towld
