// The server's side of RFC 6455, made by hand.
#pragma once

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <string>

namespace cornice::infra::test {

/// The answer that RFC 6455 demands for the key in `request`, with more header lines.
inline std::string upgrade_answer(const std::string& request, const std::string& fields = {}) {
  const std::string field = "Sec-WebSocket-Key: ";
  const auto at = request.find(field) + field.size();
  const auto key =
      request.substr(at, request.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  std::array<unsigned char, 64> text;
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
         fields +
         "Sec-WebSocket-Accept: " + std::string{reinterpret_cast<const char*>(text.data())} +
         "\r\n\r\n";
}

/// An unmasked frame.
inline std::string frame(int first_byte, const std::string& payload) {
  std::string out(1, static_cast<char>(first_byte));
  const auto size = payload.size();
  const int extra = size < 126 ? 0 : size < 65536 ? 2 : 8;
  out.push_back(static_cast<char>(extra == 0 ? static_cast<int>(size) : extra == 2 ? 126 : 127));
  for (int i = extra - 1; i >= 0; --i) out.push_back(static_cast<char>((size >> (8 * i)) & 0xff));
  return out + payload;
}

inline constexpr int text_final = 0x81;
inline constexpr int text_first = 0x01;
inline constexpr int more = 0x00;
inline constexpr int more_final = 0x80;
inline constexpr int close_frame = 0x88;
inline constexpr int ping_frame = 0x89;

}  // namespace cornice::infra::test
