// An open folder, closed by its owner.
#pragma once

#include <dirent.h>

#include <memory>

namespace towld {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

}  // namespace towld
