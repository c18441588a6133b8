#include "infra/config_document.hpp"

#include "infra/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cornice::infra {
namespace {

constexpr std::size_t text_limit = 1u << 20;
constexpr int depth_limit = 32;
constexpr std::size_t member_limit = 4096;  // of one object; looking for a key twice is linear

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Recursive descent over the text; the first problem ends it.
class parser {
 public:
  parser(std::string_view text, const std::string& name) : text_{text}, name_{name} {}

  result<config_node> document() {
    if (text_.size() > text_limit) return problem("the file is larger than 1 MiB");
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // byte order mark
    CORNICE_TRY(root, value({}, 0));
    CORNICE_CHECK_OK(skip_blank());
    if (!at_end()) return problem("expected the end of the file, found " + here());
    return std::move(root);
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }

  // What stands at the current place, for messages.
  [[nodiscard]] std::string here() const {
    if (at_end()) return "the end of the file";
    const char c = peek();
    if (c > 0x20 && c < 0x7f) return std::string{"'"} + c + "'";
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "byte 0x%02x", static_cast<unsigned char>(c));
    return out.data();
  }

  [[nodiscard]] error problem(const std::string& what) const {
    return {errc::malformed, name_ + ":" + std::to_string(line_) + ": " + what};
  }

  void advance() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }

  // Skips white space and comments.
  result<void> skip_blank() {
    while (!at_end()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("//")) {
        while (!at_end() && peek() != '\n') advance();
      } else if (rest.starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos)
          return problem("the comment that begins here never ends");
        while (at_ < end + 2) advance();
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
        advance();
      } else {
        break;
      }
    }
    return {};
  }

  result<config_node> value(const std::string& pointer, int depth) {
    CORNICE_CHECK_OK(skip_blank());
    if (depth > depth_limit) return problem("more than 32 levels of nesting");
    config_node node;
    node.line = line_;
    node.offset = at_;
    CORNICE_CHECK_OK(content(node, pointer, depth));
    node.last_line = line_;
    node.last_offset = at_;
    return node;
  }

  result<void> content(config_node& node, const std::string& pointer, int depth) {
    const char c = peek();
    if (c == '{') return object(node, pointer, depth);
    if (c == '[') return array(node, pointer, depth);
    if (c == '"') {
      node.type = config_node::kind::text;
      CORNICE_TRY(decoded, string());
      node.text = std::move(decoded);
      return {};
    }
    if (c == '-' || is_digit(c)) return number(node);
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      node.type = word == "null" ? config_node::kind::null : config_node::kind::boolean;
      node.text = word;
      at_ += word.size();
      return {};
    }
    return problem("expected a value, found " + here());
  }

  result<void> object(config_node& node, const std::string& pointer, int depth) {
    node.type = config_node::kind::object;
    advance();
    CORNICE_CHECK_OK(skip_blank());
    if (peek() == '}') {
      advance();
      return {};
    }
    while (true) {
      CORNICE_CHECK_OK(member(node, pointer, depth));
      CORNICE_CHECK_OK(skip_blank());
      if (peek() == '}') break;
      if (peek() != ',') return problem("expected ',' or '}' after a value, found " + here());
      advance();
    }
    advance();
    return {};
  }

  result<void> member(config_node& node, const std::string& pointer, int depth) {
    CORNICE_CHECK_OK(skip_blank());
    if (peek() == '}') return problem("a comma before '}' is one too many");
    if (peek() != '"') return problem("expected a key in quotes, found " + here());
    config_member found;
    found.line = line_;
    found.offset = at_;
    CORNICE_TRY(key, string());
    found.key = std::move(key);
    const std::string own_pointer = pointer_to(pointer, found.key);
    if (node.find(found.key))
      return problem(own_pointer + ": the key stands twice; remove one of the two");
    if (node.members.size() >= member_limit) return problem("more than 4096 keys in one object");
    CORNICE_CHECK_OK(skip_blank());
    if (peek() != ':') return problem("expected ':' after a key, found " + here());
    advance();
    CORNICE_TRY(member_value, value(own_pointer, depth + 1));
    found.value = std::move(member_value);
    node.members.push_back(std::move(found));
    return {};
  }

  result<void> array(config_node& node, const std::string& pointer, int depth) {
    node.type = config_node::kind::array;
    advance();
    CORNICE_CHECK_OK(skip_blank());
    if (peek() == ']') {
      advance();
      return {};
    }
    while (true) {
      CORNICE_CHECK_OK(skip_blank());
      if (peek() == ']') return problem("a comma before ']' is one too many");
      CORNICE_TRY(element,
                  value(pointer_to(pointer, std::to_string(node.elements.size())), depth + 1));
      node.elements.push_back(std::move(element));
      CORNICE_CHECK_OK(skip_blank());
      if (peek() == ']') break;
      if (peek() != ',') return problem("expected ',' or ']' after a value, found " + here());
      advance();
    }
    advance();
    return {};
  }

  // The JSON grammar: no leading zeros, no '+', digits on both sides of a point.
  result<void> number(config_node& node) {
    node.type = config_node::kind::number;
    const std::size_t begin = at_;
    const auto digits = [this] {
      const std::size_t first = at_;
      while (is_digit(peek())) ++at_;
      return at_ > first;
    };
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    const std::size_t whole = at_;
    bool fine = digits() && (!zero || at_ == whole + 1);
    if (fine && peek() == '.') {
      ++at_;
      fine = digits();
    }
    if (fine && (peek() == 'e' || peek() == 'E')) {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      fine = digits();
    }
    node.text = text_.substr(begin, at_ - begin);
    if (!fine) return problem("\"" + node.text + "\" is not a number of JSON");
    return {};
  }

  result<std::string> string() {
    ++at_;
    std::string out;
    while (true) {
      if (at_end() || peek() == '\n') return problem("the text has no closing quote on its line");
      const utf8_character next = decode_utf8(text_.substr(at_));
      if (!next.valid) return problem(here() + " is not UTF-8");
      if (next.code == '"') break;
      if (next.code < 0x20) return problem("a text holds a control character, " + here());
      if (next.code == '\\') {
        CORNICE_CHECK_OK(escape(out));
        continue;
      }
      out.append(text_.substr(at_, next.bytes));
      at_ += next.bytes;
    }
    ++at_;
    return out;
  }

  result<void> escape(std::string& out) {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (const std::size_t known = names.find(peek()); !at_end() && known != names.npos) {
      out += meanings[known];
      ++at_;
      return {};
    }
    if (peek() != 'u') return problem("unknown escape \\ before " + here());
    CORNICE_TRY(first, code_unit());
    char32_t code = first;
    if (first >= 0xD800 && first <= 0xDBFF && text_.substr(at_).starts_with("\\u")) {
      ++at_;
      CORNICE_TRY(second, code_unit());
      if (second < 0xDC00 || second > 0xDFFF) return problem("half of a surrogate pair");
      code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    } else if (first >= 0xD800 && first <= 0xDFFF) {
      return problem("half of a surrogate pair");
    }
    append_utf8(out, code);
    return {};
  }

  // `uXXXX` at the current place.
  result<char32_t> code_unit() {
    ++at_;
    char32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const bool lower = c >= 'a' && c <= 'f';
      const bool upper = c >= 'A' && c <= 'F';
      if (!is_digit(c) && !lower && !upper) return problem("\\u needs four hexadecimal digits");
      const int digit = is_digit(c) ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10;
      code = code * 16 + static_cast<char32_t>(digit);
    }
    return code;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

const config_node* config_node::find(std::string_view key) const noexcept {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const config_member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::string pointer_to(const std::string& parent, std::string_view key) {
  std::string out = parent + "/";
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

result<config_node> parse_config_document(std::string_view text, const std::string& name) {
  return parser{text, name}.document();
}

}  // namespace cornice::infra
