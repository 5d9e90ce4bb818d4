// Parquet in an object store, whose client is in the module that speaks HTTP.
#include "outputs/parquet/parquet_delivery.hpp"

#include "towl/modules/load_module.hpp"

namespace towld {

towl::Result<std::unique_ptr<ParquetDelivery>> deliver_to_objects(
    ParquetDeliveryPlan plan) {  // NOLINT(performance-unnecessary-value-param): it is taken
  const auto deliver = towl::modules::load_function<DeliverToObjects>(
      {.file = "libtowld_web.so", .what = "speaks to object stores", .needs = "libcurl"}, kDeliverToObjectsSymbol);
  if (!deliver) return tl::unexpected(deliver.error());
  towl::Result<std::unique_ptr<ParquetDelivery>> made;
  (*deliver)(plan, made);
  return made;
}

}  // namespace towld
