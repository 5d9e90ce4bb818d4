// ObjectWriter appends members to a JSON object. The caller writes the object's end.
#pragma once

#include <string>
#include <string_view>

#include "towl/record/json_text.hpp"

namespace towlctl {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& to) : to_(to) { to_ += '{'; }

  /// Appends the name of the next member; the caller appends the value to what is returned.
  std::string& name(std::string_view name) {
    if (to_.back() != '{') to_ += ',';
    towl::append_json_name(name, to_);
    to_ += ':';
    return to_;
  }

 private:
  std::string& to_;
};

}  // namespace towlctl
