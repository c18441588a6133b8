#include "infra/log_line.hpp"

#include "infra/utf8.hpp"

#include <array>
#include <cstdio>

namespace cornice::infra {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view cut_mark = "\xE2\x80\xA6";     // the ellipsis

void append_unicode_escape(std::string& out, char32_t c) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(c));
  out += text.data();
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  if (code < 0x20 || code == 0x7f)
    append_unicode_escape(out, code);
  else
    out += c;
}

// The value as it may be shown: filtered first, then cut.
std::string shown(std::string_view value, const log_value_filter& filter) {
  std::string text{value};
  if (filter) filter(text);
  if (text.size() > log_value_limit) {
    std::size_t end = log_value_limit;
    // Do not cut inside a character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    text += cut_mark;
  }
  return text;
}

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

bool is_reserved(std::string_view key) {
  return key == "ts" || key == "level" || key == "event" || key == "component";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

bool needs_quotes(std::string_view text) {
  for (const char c : text)
    if (c == ' ' || c == '"' || c == '=' || c == '\\') return true;
  return text.empty();
}

void append_human(std::string& out, std::string_view text) {
  if (needs_quotes(text))
    append_quoted(out, text);
  else
    append_json_escaped(out, text);
}

std::string_view colour_of(log_level level) {
  switch (level) {
    case log_level::trace:
    case log_level::debug:
      return "\x1b[2m";
    case log_level::info:
      return "\x1b[32m";
    case log_level::warn:
      return "\x1b[33m";
    case log_level::error:
      return "\x1b[31m";
    case log_level::critical:
      return "\x1b[1;31m";
  }
  return "";
}

std::string_view padded_name(log_level level) {
  switch (level) {
    case log_level::trace:
      return "TRACE";
    case log_level::debug:
      return "DEBUG";
    case log_level::info:
      return "INFO ";
    case log_level::warn:
      return "WARN ";
    case log_level::error:
      return "ERROR";
    case log_level::critical:
      return "CRIT ";
  }
  return "?    ";
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const utf8_character next = decode_utf8(text);
    if (!next.valid) {
      out += replacement;
    } else if (next.bytes == 1) {
      append_ascii(out, text.front());
    } else if (next.code >= 0x80 && next.code < 0xA0) {
      append_unicode_escape(out, next.code);
    } else {
      out.append(text.substr(0, next.bytes));
    }
    text.remove_prefix(next.bytes);
  }
}

std::string json_log_line(const log_record& record, const log_value_filter& filter) {
  std::string out;
  out.reserve(192 + record.fields.size() * 48);
  out += R"({"ts":")";
  out += to_rfc3339(record.at);
  out += R"(","level":")";
  out += to_string(record.level);
  out += R"(","event":)";
  append_quoted(out, record.event);
  out += R"(,"component":)";
  append_quoted(out, record.component);
  for (const log_field& field : record.fields) {
    out += R"(,")";
    append_json_escaped(out, field.key);
    if (is_reserved(field.key)) out += '_';
    out += R"(":)";
    std::visit(overloaded{[&](std::string_view v) { append_quoted(out, shown(v, filter)); },
                          [&](bool v) { out += v ? "true" : "false"; },
                          [&](auto v) { out += std::to_string(v); }},
               field.value);
  }
  out += '}';
  return out;
}

std::string human_log_line(const log_record& record, bool colour, const log_value_filter& filter) {
  constexpr std::size_t time_begin = 11;  // behind `2026-11-22T`
  constexpr std::size_t time_size = 12;   // `16:07:00.123`
  const auto painted = [colour](std::string_view code, std::string_view text) {
    if (!colour) return std::string{text};
    return std::string{code}.append(text).append("\x1b[0m");
  };
  std::string out = to_rfc3339(record.at).substr(time_begin, time_size);
  out += ' ';
  out += painted(colour_of(record.level), padded_name(record.level));
  out += ' ';
  append_json_escaped(out, record.component);
  out += ' ';
  std::string event;
  append_json_escaped(event, record.event);
  out += painted("\x1b[1m", event);
  for (const log_field& field : record.fields) {
    out += ' ';
    append_json_escaped(out, field.key);
    out += '=';
    std::visit(overloaded{[&](std::string_view v) { append_human(out, shown(v, filter)); },
                          [&](bool v) { out += v ? "true" : "false"; },
                          [&](auto v) { out += std::to_string(v); }},
               field.value);
  }
  return out;
}

}  // namespace cornice::infra
