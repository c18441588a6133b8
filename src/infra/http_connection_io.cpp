#include "infra/http_connection_io.hpp"

#include "cornice/infra/clock.hpp"
#include "infra/http_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cornice::infra {

namespace {

constexpr std::size_t slice_bytes = std::size_t{256} << 10;
constexpr std::chrono::seconds linger_limit{1};
constexpr std::size_t linger_bytes = std::size_t{1} << 20;

instant after(std::chrono::milliseconds limit) {
  return system_clock().monotonic() + limit;
}

/// Waits until nothing is being written. False when writing failed or took too long.
task<bool> written(std::shared_ptr<byte_channel> channel, instant deadline) {
  while (channel->writing()) {
    const auto why = co_await channel->wait(deadline);
    if (why != wake::notified) co_return false;
  }
  co_return !channel->write_error();
}

task<bool> write_slices(std::shared_ptr<byte_channel> channel, std::string bytes,
                        std::chrono::milliseconds limit) {
  bool ok = co_await written(channel, after(limit));
  if (bytes.size() <= slice_bytes) {
    if (ok) channel->write(std::move(bytes));
    if (ok) ok = co_await written(channel, after(limit));
    co_return ok;
  }
  for (std::size_t at = 0; ok && at < bytes.size(); at += slice_bytes) {
    channel->write(bytes.substr(at, slice_bytes));
    ok = co_await written(channel, after(limit));
  }
  co_return ok;
}

std::string chunk_of(std::string_view piece) {
  std::array<char, 16> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
  std::string out{digits.data(), end};
  out.append("\r\n").append(piece).append("\r\n");
  return out;
}

/// The body in chunks, with pauses, up to its end or to the byte where it is to be cut off.
task<bool> write_chunks(std::shared_ptr<byte_channel> channel, std::string body,
                        server_response::faults inject, std::chrono::milliseconds limit) {
  const auto end =
      inject.truncate_at == 0 ? body.size() : std::min(body.size(), inject.truncate_at);
  for (std::size_t at = 0; at < end; at += inject.chunk_bytes) {
    auto piece =
        chunk_of(std::string_view{body}.substr(at, std::min(inject.chunk_bytes, end - at)));
    const bool ok = co_await write_slices(channel, std::move(piece), limit);
    if (!ok) co_return false;
    if (inject.pause.count() == 0) continue;
    const bool slept = co_await sleep_for(inject.pause);
    if (!slept) co_return false;
  }
  if (inject.truncate_at != 0) co_return false;
  std::string last{"0\r\n\r\n"};
  co_return co_await write_slices(channel, std::move(last), limit);
}

}  // namespace

task<request_end> read_request(std::shared_ptr<byte_channel> channel, request_reader* reader,
                               http_server_config config, bool first, bool* in_request) {
  auto deadline = after(first ? config.header_deadline : config.idle_limit);
  bool in_body = false;
  for (;;) {
    if (!channel->input().empty()) {
      if (!*in_request && !first) deadline = after(config.header_deadline);
      *in_request = true;
      const auto got = reader->feed(channel->input());
      if (got == request_reader::progress::complete) co_return request_end::complete;
      if (got == request_reader::progress::refused) co_return request_end::refused;
      if (reader->header_complete() && !in_body) {
        in_body = true;
        deadline = after(config.body_deadline);
        if (reader->expects_continue() && !channel->writing())
          channel->write("HTTP/1.1 100 Continue\r\n\r\n");
      }
    }
    if (channel->read_error() || channel->write_error()) co_return request_end::closed;
    channel->arm();
    const auto why = co_await channel->wait(deadline);
    if (why == wake::cancelled) co_return request_end::closed;
    if (why == wake::expired) co_return *in_request ? request_end::timed_out : request_end::closed;
  }
}

task<bool> write_answer(std::shared_ptr<byte_channel> channel, server_response response,
                        answer_shape shape, std::chrono::milliseconds deadline) {
  const auto& inject = response.inject;
  const bool chunked = inject.chunk_bytes != 0 && !shape.head_request;
  auto framing = chunked ? body_framing::chunked : body_framing::content_length;
  if (!status_allows_body(response.status)) framing = body_framing::none;
  auto bytes =
      write_response_head(response.status, response.headers, response.content_type, framing,
                          response.body.size(), shape.keep_alive, system_clock().now());
  if (framing == body_framing::none || shape.head_request)
    co_return co_await write_slices(channel, std::move(bytes), deadline);
  if (chunked) {
    const bool ok = co_await write_slices(channel, std::move(bytes), deadline);
    if (!ok) co_return false;
    co_return co_await write_chunks(channel, std::move(response.body), inject, deadline);
  }
  const bool cut = inject.truncate_at != 0 && inject.truncate_at < response.body.size();
  bytes.append(response.body, 0, cut ? inject.truncate_at : response.body.size());
  const bool ok = co_await write_slices(channel, std::move(bytes), deadline);
  if (cut) channel->finish_writing();
  co_return ok && !cut;
}

task<bool> handshake_in_time(std::shared_ptr<byte_channel> channel,
                             std::chrono::milliseconds limit) {
  const auto deadline = after(limit);
  channel->handshake();
  while (channel->handshaking()) {
    const auto why = co_await channel->wait(deadline);
    if (why != wake::notified) co_return false;
  }
  co_return !channel->handshake_error();
}

task<> linger(std::shared_ptr<byte_channel> channel) {
  const auto deadline = after(linger_limit);
  channel->finish_writing();
  for (std::size_t discarded = 0; discarded < linger_bytes;) {
    discarded += channel->input().size();
    channel->input().clear();
    if (channel->read_error()) co_return;
    channel->arm();
    const auto why = co_await channel->wait(deadline);
    if (why != wake::notified) co_return;
  }
}

}  // namespace cornice::infra
