#include "infra/byte_stream_channel.hpp"

#include "cornice/base/check.hpp"

#include <utility>

namespace cornice::infra {

byte_channel::byte_channel(std::unique_ptr<byte_stream> stream)
    : stream_{std::move(stream)}, event_{stream_->executor()} {}

void byte_channel::arm() {
  if (reading_ || read_error_) return;
  reading_ = true;
  stream_->read_some(asio::buffer(piece_),
                     [self = shared_from_this()](error_code ec, std::size_t count) {
                       self->reading_ = false;
                       self->input_.append(self->piece_.data(), count);
                       self->read_error_ = ec;
                       self->event_.notify();
                       if (const auto callback = self->on_read_) callback();
                     });
}

void byte_channel::write(std::string bytes) {
  invariant(!writing_, "a channel writes one text at a time");
  output_ = std::move(bytes);
  written_ = 0;
  writing_ = true;
  continue_write();
}

void byte_channel::continue_write() {
  const auto rest = asio::buffer(output_) + written_;
  stream_->write_some(const_buffers::of(rest),
                      [self = shared_from_this()](error_code ec, std::size_t count) {
                        self->written_ += count;
                        self->write_error_ = ec;
                        if (!ec && self->written_ < self->output_.size())
                          return self->continue_write();
                        self->writing_ = false;
                        self->output_.clear();
                        self->event_.notify();
                      });
}

void byte_channel::handshake() {
  handshaking_ = true;
  stream_->handshake([self = shared_from_this()](error_code ec) {
    self->handshaking_ = false;
    self->handshake_error_ = ec;
    self->event_.notify();
  });
}

void byte_channel::finish_writing() noexcept {
  if (stream_) stream_->finish_writing();
}

void byte_channel::abort() noexcept {
  if (stream_) stream_->abort();
}

std::unique_ptr<byte_stream> byte_channel::release() {
  invariant(!reading_ && !writing_ && !handshaking_, "a released channel is at rest");
  return std::move(stream_);
}

}  // namespace cornice::infra
