#include "venue/kalshi/json_writer.hpp"

#include <array>
#include <cstdio>

namespace cornice::venue::kalshi::json {
namespace {

constexpr int dollar_decimals = 4;
constexpr int count_decimals = 2;

void append_escaped(std::string& out, std::string_view value) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

void writer::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void writer::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
}

void writer::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void writer::key(std::string_view name) {
  separate();
  out_ += '"';
  append_escaped(out_, name);
  out_ += "\":";
  first_ = true;
}

void writer::text(std::string_view value) {
  separate();
  out_ += '"';
  append_escaped(out_, value);
  out_ += '"';
}

void writer::verbatim(std::string_view value) {
  separate();
  out_ += value;
}

void writer::number(std::int64_t value) {
  separate();
  out_ += std::to_string(value);
}

void write(writer& w, const std::string& value) {
  w.text(value);
}
void write(writer& w, std::string_view value) {
  w.text(value);
}
void write(writer& w, bool value) {
  w.boolean(value);
}
void write(writer& w, std::int64_t value) {
  w.number(value);
}
void write(writer& w, price value) {
  w.text(format_millionths(value.micros(), dollar_decimals));
}
void write(writer& w, quantity value) {
  w.text(format_millionths(value.micros(), count_decimals));
}
void write(writer& w, money value) {
  w.text(format_millionths(value.micros(), dollar_decimals));
}
void write(writer& w, ratio value) {
  w.verbatim(format_millionths(value.ppm, 0));
}
void write(writer& w, timestamp value) {
  w.text(to_rfc3339(value));
}
void write(writer& w, book_side value) {
  w.text(value == book_side::bid ? "bid" : "ask");
}
void write(writer& w, const raw_json& value) {
  w.verbatim(value.text);
}
void write(writer& w, const number_text& value) {
  w.verbatim(value.text);
}

void write(writer& w, minute_of_day value) {
  std::array<char, 16> text{};
  const int n =
      std::snprintf(text.data(), text.size(), "%02d:%02d", value.minutes / 60, value.minutes % 60);
  w.text({text.data(), static_cast<std::size_t>(n)});
}

void write(writer& w, const level& value) {
  w.begin_array();
  write(w, value.p);
  write(w, value.q);
  w.end_array();
}

}  // namespace cornice::venue::kalshi::json
