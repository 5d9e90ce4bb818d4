// The collector speaks of drafts and fields as its own.
#pragma once

#include "towl/record/draft.hpp"

namespace towld {

using towl::Draft;
using Field = towl::DraftField;

namespace field {
using namespace towl::field;
}  // namespace field

}  // namespace towld
