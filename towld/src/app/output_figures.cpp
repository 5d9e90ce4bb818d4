#include "app/output_figures.hpp"

namespace towld {

std::vector<OutputFigures> output_figures(const std::vector<std::pair<std::string, OutputStatus>>& outputs) {
  std::vector<OutputFigures> figures;
  figures.reserve(outputs.size());
  for (const auto& [name, status] : outputs) {
    figures.push_back({.output = name,
                       .connected = status.connected,
                       .sent_entries = status.entries,
                       .sent_bytes = status.bytes,
                       .failures = status.failures,
                       .refused = status.refused,
                       .backlog_entries = status.backlog_entries,
                       .backlog_bytes = status.backlog_bytes});
  }
  return figures;
}

}  // namespace towld
