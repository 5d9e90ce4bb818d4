#include "towl/query/table_json.hpp"

#include "towl/record/json_text.hpp"

namespace towl {

std::string to_json(const TableRow& row) {
  std::string json = "{";
  for (const Cell& cell : row) {
    if (json.size() > 1) json += ',';
    append_json_name(cell.name, json);
    json += ':';
    if (cell.is_number) {
      json += cell.value;
    } else {
      append_json_text(cell.value, json);
    }
  }
  return json + "}";
}

}  // namespace towl
