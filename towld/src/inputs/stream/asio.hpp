// Boost.Asio as this folder uses it: it says when a descriptor is ready and runs timers. Reading and writing are plain
// system calls, so that 2,000 idle connections need no buffers.
#pragma once

// g++ 12 needs <utility> before Boost.Asio.
#include <utility>
//
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace towld {

namespace asio = boost::asio;
/// Owns a descriptor and waits for it.
using ReadyDescriptor = asio::posix::stream_descriptor;

}  // namespace towld
