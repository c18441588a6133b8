// Undoing Content-Encoding. Pure functions over zlib: no I/O, no Asio.
#pragma once

#include "cornice/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace cornice::infra {

/// Undoes the codings that a Content-Encoding field lists (gzip, x-gzip, deflate, identity; at most
/// two of them). `deflate` is accepted with and without its zlib wrapper, because servers send
/// both. Errors: out_of_range as soon as more than `decoded_limit` bytes come out, protocol
/// (unknown coding, damaged or incomplete data).
[[nodiscard]] result<std::string> decode_content(std::string_view content_encoding,
                                                 std::string body, std::size_t decoded_limit);

}  // namespace cornice::infra
