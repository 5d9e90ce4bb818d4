// The logger's class, for every room that logs: include this instead of <spdlog/logger.h>.
//
// Each unit that formats a message would compile all of fmt's formatting again, five seconds each: it is compiled once,
// in logger.cpp.
#pragma once

#include <spdlog/logger.h>

#if defined(SPDLOG_FMT_EXTERNAL) && FMT_VERSION < 100000
#define TOWLD_COMPILES_FMT_ONCE 1

FMT_BEGIN_NAMESPACE
namespace detail {
extern template void vformat_to<char>(buffer<char>&, basic_string_view<char>,
                                      basic_format_args<basic_format_context<appender, char>>, locale_ref);
}
FMT_END_NAMESPACE
#endif
