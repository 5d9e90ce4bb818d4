// SourcePosition says how far a source (a collected file, a journal, a producer) was read. It is stored in the same
// frame as the entries it produced: either both survive a crash or neither. Text: spec/format-v2.md, "Positions".
#pragma once

#include <string>

namespace towl {

struct SourcePosition {
  std::string source;    ///< The source's name, unique in its store. Not empty.
  std::string position;  ///< In the source's own terms; later ones replace earlier ones.

  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

}  // namespace towl
