#include "metrics/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace towld {

prometheus::ClientMetric& MetricFamilies::add(std::string_view name, std::string_view help,
                                              prometheus::MetricType type) {
  auto family = std::find_if(families_.begin(), families_.end(), [&](const auto& known) { return known.name == name; });
  if (family == families_.end()) {
    family = families_.insert(families_.end(), {std::string(name), std::string(help), type, {}});
  }
  return family->metric.emplace_back();
}

void MetricFamilies::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  auto& metric = add(name, help, prometheus::MetricType::Counter);
  metric.counter.value = value;
  metric.label = std::move(labels);
}

void MetricFamilies::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  auto& metric = add(name, help, prometheus::MetricType::Gauge);
  metric.gauge.value = value;
  metric.label = std::move(labels);
}

void MetricFamilies::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                               std::span<const std::uint64_t> counts, double sum) {
  auto& histogram = add(name, help, prometheus::MetricType::Histogram).histogram;
  histogram.sample_sum = sum;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    histogram.sample_count += counts[i];
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
}

std::vector<prometheus::MetricFamily> Metrics::Collect() const {
  MetricFamilies families;
  for (const Source& source : sources_) source(families);
  return families.take();
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(Collect()); }

}  // namespace towld
