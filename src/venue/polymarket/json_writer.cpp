#include "venue/polymarket/json_writer.hpp"

#include "venue/plain_text.hpp"

#include <cstdint>
#include <cstring>

namespace cornice::venue::polymarket {

namespace {

bool is_plain(char c) noexcept {
  return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default: {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 0xf];
    }
  }
}

}  // namespace

// Nearly every text is plain from end to end, and is copied eight bytes at a time.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::size_t step = sizeof(std::uint64_t);
  std::size_t plain = 0;
  for (; plain + step <= text.size(); plain += step) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + plain, step);
    if (special_bytes(word) != 0) break;
  }
  out.append(text.substr(0, plain));
  for (const char c : text.substr(plain)) {
    if (is_plain(c))
      out += c;
    else
      append_escape(out, c);
  }
}

// A comma is due unless the value starts its container or follows its key.
void json_writer::separate() {
  if (out_.empty()) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

json_writer& json_writer::open(char c) {
  separate();
  out_ += c;
  return *this;
}

json_writer& json_writer::close(char c) {
  out_ += c;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  string(name);
  out_ += ':';
  return *this;
}

json_writer& json_writer::string(std::string_view text) {
  separate();
  out_ += '"';
  append_escaped(out_, text);
  out_ += '"';
  return *this;
}

json_writer& json_writer::raw(std::string_view token) {
  separate();
  out_ += token;
  return *this;
}

json_writer& json_writer::strings(std::string_view name, const std::vector<std::string>& texts) {
  key(name).begin_array();
  for (const std::string& text : texts) string(text);
  return end_array();
}

}  // namespace cornice::venue::polymarket
