// The parts of Asio in use, under one name for both of its homes.
#pragma once

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
namespace drywire {
namespace net = boost::asio;
using net_error = boost::system::error_code;
}  // namespace drywire
#else
#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>
#include <asio/post.hpp>
namespace drywire {
namespace net = ::asio;
using net_error = ::asio::error_code;
}  // namespace drywire
#endif
