// Compact JSON text in the key order of the calls, with numbers written as the text they came in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket {

/// Appends `text` as the inside of a JSON string.
void append_escaped(std::string& out, std::string_view text);

class json_writer {
 public:
  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }
  json_writer& key(std::string_view name);
  json_writer& string(std::string_view text);
  /// A number, `true`, `false`, `null` or a whole JSON text, written as it is.
  json_writer& raw(std::string_view token);
  json_writer& boolean(bool b) { return raw(b ? "true" : "false"); }

  json_writer& field(std::string_view name, std::string_view text) {
    return key(name).string(text);
  }
  json_writer& raw_field(std::string_view name, std::string_view token) {
    return key(name).raw(token);
  }
  json_writer& strings(std::string_view name, const std::vector<std::string>& texts);

  [[nodiscard]] std::string take() { return std::move(out_); }
  [[nodiscard]] const std::string& text() const noexcept { return out_; }

 private:
  json_writer& open(char c);
  json_writer& close(char c);
  void separate();
  std::string out_;
};

}  // namespace cornice::venue::polymarket
