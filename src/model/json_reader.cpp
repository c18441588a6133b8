#include "model/json_reader.hpp"

#include <limits>
#include <type_traits>

namespace cornice::json {
namespace {

std::string_view type_name(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

void fail_type(const node& n, std::string_view wanted) {
  n.fail(errc::malformed,
         std::string{"must be "}.append(wanted).append(", is ").append(type_name(n.value())));
}

// Longest decimal that parse_millionths takes.
constexpr std::size_t max_decimal_bytes = 64;

constexpr std::int64_t largest_price = price::one;
constexpr std::int64_t largest_amount = std::numeric_limits<std::int64_t>::max();

price from_millionths(std::int64_t millionths, std::type_identity<price>) {
  return price::of_micros(millionths);
}
template <class Value>
Value from_millionths(std::int64_t millionths, std::type_identity<Value>) {
  return Value{millionths};
}

// A book has a hundred decimals, nearly all like "0.31" or "1200.00": those are taken here, all
// others, and all errors, by the value's own parser.
std::optional<std::int64_t> plain_millionths(std::string_view digits) {
  constexpr std::size_t safe_digits = 18;
  constexpr std::int64_t scale[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (digits.empty() || digits.size() > safe_digits) return std::nullopt;
  std::int64_t value = 0;
  std::size_t point = digits.size();
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    if (c >= '0' && c <= '9')
      value = value * 10 + (c - '0');
    else if (c == '.' && point == digits.size() && i > 0)
      point = i;
    else
      return std::nullopt;
  }
  const std::size_t decimals = point == digits.size() ? 0 : digits.size() - point - 1;
  constexpr std::int64_t largest_scaled = largest_amount / 1'000'000;
  if (decimals > 6 || value > largest_scaled) return std::nullopt;
  return value * scale[decimals];
}

template <class Value>
void read_decimal(const node& n, Value& out, std::int64_t largest = largest_amount) {
  const std::string_view digits = n.string(max_decimal_bytes);
  if (n.failed()) return;
  if (const auto plain = plain_millionths(digits); plain && *plain <= largest) {
    out = from_millionths(*plain, std::type_identity<Value>{});
    return;
  }
  const auto parsed = Value::parse(digits);
  if (parsed)
    out = *parsed;
  else
    n.fail(parsed.error());
}

}  // namespace

std::string node::pointer() const {
  if (parent_ == nullptr) return {};
  std::string path = parent_->pointer();
  path += '/';
  path.append(key_.empty() ? std::to_string(index_) : std::string{key_});
  return path;
}

void node::fail(errc code, std::string_view what) const {
  if (failed()) return;
  std::string where = pointer();
  if (where.empty()) where = "message";
  *failure_ = error{code, std::move(where.append(": ").append(what))};
}

void node::fail(const error& cause) const {
  fail(cause.code == errc::out_of_range ? errc::out_of_range : errc::malformed, cause.message);
}

void node::fail_missing(std::string_view key) const {
  if (failed()) return;
  *failure_ = error{errc::missing_field,
                    pointer().append(1, '/').append(key).append(": a required field is missing")};
}

simdjson::dom::object node::object() const {
  simdjson::dom::object found;
  if (value_.get(found) != simdjson::SUCCESS) fail_type(*this, "an object");
  return found;
}

simdjson::dom::array node::array(count_between allowed) const {
  simdjson::dom::array found;
  if (value_.get(found) != simdjson::SUCCESS) {
    fail_type(*this, "an array");
    return found;
  }
  // The tape counts up to 2^24 - 1 elements; a message of max_bus_message_bytes has fewer.
  const std::size_t count = found.size();
  if (count < allowed.min || count > allowed.max)
    fail(errc::out_of_range, "has " + std::to_string(count) + " elements, must have " +
                                 std::to_string(allowed.min) + " to " +
                                 std::to_string(allowed.max));
  return found;
}

std::string_view node::string(std::size_t max_bytes) const {
  std::string_view found;
  if (value_.get(found) != simdjson::SUCCESS) {
    fail_type(*this, "a string");
    return {};
  }
  if (found.size() > max_bytes) {
    fail(errc::out_of_range, "has " + std::to_string(found.size()) + " bytes, at most " +
                                 std::to_string(max_bytes) + " are allowed");
    return {};
  }
  return found;
}

bool node::boolean() const {
  bool found = false;
  if (value_.get(found) != simdjson::SUCCESS) fail_type(*this, "a boolean");
  return found;
}

std::int64_t node::integer() const {
  std::int64_t found = 0;
  switch (value_.get(found)) {
    case simdjson::SUCCESS:
      break;
    case simdjson::NUMBER_OUT_OF_RANGE:
      fail(errc::out_of_range, "does not fit a signed 64-bit integer");
      break;
    default:
      fail_type(*this, "an integer");
  }
  return found;
}

std::uint64_t node::unsigned_integer() const {
  std::uint64_t found = 0;
  switch (value_.get(found)) {
    case simdjson::SUCCESS:
      break;
    case simdjson::NUMBER_OUT_OF_RANGE:
      fail(errc::out_of_range, "does not fit an unsigned 64-bit integer");
      break;
    default:
      fail_type(*this, "an integer that is not negative");
  }
  return found;
}

void read(const node& n, bool& out) {
  out = n.boolean();
}

void read(const node& n, std::int64_t& out) {
  out = n.integer();
}

void read(const node& n, std::int64_t& out, at_least rule) {
  out = n.integer();
  if (out < rule.min)
    n.fail(errc::out_of_range, std::to_string(out) + " is below the smallest allowed value " +
                                   std::to_string(rule.min));
}

void read(const node& n, std::uint64_t& out) {
  out = n.unsigned_integer();
}

void read(const node& n, price& out) {
  read_decimal(n, out, largest_price);
}

void read(const node& n, quantity& out) {
  read_decimal(n, out);
}

void read(const node& n, quantity& out, at_least rule) {
  read_decimal(n, out);
  if (out.micros() < rule.min)
    n.fail(errc::out_of_range, "quantity " + out.to_string() + " is below the smallest allowed " +
                                   format_millionths(rule.min, 0));
}

void read(const node& n, money& out) {
  read_decimal(n, out);
}

void read(const node& n, ratio& out) {
  read_decimal(n, out);
}

void read(const node& n, timestamp& out) {
  using namespace std::chrono;
  constexpr timestamp first = sys_days{year{1} / 1 / 1};
  constexpr timestamp beyond = sys_days{year{10'000} / 1 / 1};
  const std::string_view written = n.string(max_bus_word_bytes);
  if (n.failed()) return;
  const auto parsed = parse_rfc3339(written);
  if (!parsed)
    n.fail(parsed.error());
  else if (*parsed < first || *parsed >= beyond)
    n.fail(errc::out_of_range, "the time lies outside the years 0001 to 9999");
  else
    out = *parsed;
}

void read(const node& n, timestamp& out, unknown_as_null) {
  if (n.is_null())
    out = {};
  else
    read(n, out);
}

void read(const node& n, contract_id& out) {
  const std::string_view written = n.string(text_id<struct contract_tag>::max_size);
  if (n.failed()) return;
  auto parsed = contract_id::parse(written);
  if (parsed)
    out = std::move(*parsed);
  else
    n.fail(parsed.error());
}

void read(const node& n, std::string& out, string_rule rule) {
  out = n.string(rule.max_bytes);
}

void read(const node& n, level& out) {
  const simdjson::dom::array pair = n.array({2, 2});
  if (n.failed()) return;
  auto element = pair.begin();
  read(node{*element, n, std::size_t{0}}, out.p);
  ++element;
  read(node{*element, n, std::size_t{1}}, out.q, positive);
}

void read(const node& n, tick_grid& out) {
  std::vector<tick_band> bands;
  read_value(n, bands, count_between{0, tick_grid::max_bands});
  if (n.failed()) return;
  if (bands.empty()) {  // the empty grid: nothing is known, no price is valid
    out = {};
    return;
  }
  auto grid = tick_grid::from_bands(std::move(bands));
  if (grid)
    out = std::move(*grid);
  else
    n.fail(grid.error());
}

}  // namespace cornice::json
