#include "infra/byte_stream.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace cornice::infra {

namespace {

class plain_stream final : public byte_stream {
 public:
  explicit plain_stream(asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  asio::any_io_executor executor() override { return socket_.get_executor(); }

  void read_some(asio::mutable_buffer into, io_handler handler) override {
    socket_.async_read_some(into, std::move(handler));
  }

  void write_some(const_buffers from, io_handler handler) override {
    socket_.async_write_some(from, std::move(handler));
  }

  void handshake(done_handler handler) override {
    asio::post(socket_.get_executor(), [handler = std::move(handler)] { handler(error_code{}); });
  }

  std::string handshake_failure() const override { return {}; }

  void finish_writing() noexcept override {
    error_code not_connected_any_more;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, not_connected_any_more);
  }

  void abort() noexcept override {
    error_code nothing_left_to_close;
    socket_.close(nothing_left_to_close);
  }

 private:
  asio::ip::tcp::socket socket_;
};

}  // namespace

std::unique_ptr<byte_stream> make_plain_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<plain_stream>(std::move(socket));
}

}  // namespace cornice::infra
