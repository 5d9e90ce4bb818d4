// Metrics collects what others count, when it is asked, in Prometheus' terms. Nothing is counted here.
//
// Filled before it is asked for the first time; then from any thread.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace towld {

/// Families of metrics by name, in the order of their first mention.
class MetricFamilies {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  /// `name` ends in _total.
  void counter(std::string_view name, std::string_view help, double value, Labels labels = {});
  void gauge(std::string_view name, std::string_view help, double value, Labels labels = {});

  /// `counts` has one more than `bounds`: what is above them all.
  void histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                 std::span<const std::uint64_t> counts, double sum);

  std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type);
  std::vector<prometheus::MetricFamily> families_;
};

class Metrics final : public prometheus::Collectable {
 public:
  /// Adds what it knows; called from any thread.
  using Source = std::function<void(MetricFamilies&)>;

  void add(Source source) { sources_.push_back(std::move(source)); }

  std::vector<prometheus::MetricFamily> Collect() const override;

  /// In Prometheus' text format, version 0.0.4.
  std::string text() const;

 private:
  std::vector<Source> sources_;
};

/// The Content-Type of Metrics::text().
inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace towld
