#include "model_values.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace cornice_test {

rc::Gen<std::string> id_text(std::size_t max_size) {
  return rc::gen::exec([max_size] {
    static const std::string alphabet = [] {
      std::string all = "..::##**%%--0123456789";  // what routing words must encode comes up often
      for (char c = '!'; c <= '~'; ++c)
        if (c != '"' && c != '\\') all += c;
      return all;
    }();
    const auto size = *rc::gen::inRange<std::size_t>(1, max_size + 1);
    return *rc::gen::container<std::string>(size, rc::gen::elementOf(alphabet));
  });
}

rc::Gen<std::string> utf8_text(std::size_t max_code_points) {
  static const std::vector<std::string> pieces = {"a",
                                                  "Z",
                                                  "0",
                                                  " ",
                                                  "\"",
                                                  "\\",
                                                  "/",
                                                  "\n",
                                                  "\r",
                                                  "\t",
                                                  "\x01",
                                                  "\x1f",
                                                  "\x7f",
                                                  "{",
                                                  "\xC3\xA9",
                                                  "'",
                                                  "\xC2\x80",
                                                  "\xDF\xBF",
                                                  "\xE2\x82\xAC",
                                                  "\xE2\x80\xA8",
                                                  "\xED\x9F\xBF",
                                                  "\xEE\x80\x80",
                                                  "\xF0\x9F\x93\x88",
                                                  "\xF4\x8F\xBF\xBF"};
  return rc::gen::exec([max_code_points] {
    const auto size = *rc::gen::inRange<std::size_t>(0, max_code_points + 1);
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += *rc::gen::elementOf(pieces);
    return text;
  });
}

rc::Gen<std::int64_t> wide_integer() {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-2'000'000, 2'000'000),
                        rc::gen::map(rc::gen::inRange<std::int64_t>(-5'000, 5'000),
                                     [](std::int64_t cents) { return cents * 10'000; }),
                        rc::gen::inRange<std::int64_t>(-most, most), rc::gen::just(most),
                        rc::gen::just(-most));
}

rc::Gen<std::int64_t> wide_not_negative() {
  return rc::gen::map(wide_integer(), [](std::int64_t v) { return v < 0 ? -v : v; });
}

rc::Gen<quantity> quantity_at_least(std::int64_t min_micros) {
  return rc::gen::map(wide_not_negative(),
                      [min_micros](std::int64_t v) { return quantity{std::max(v, min_micros)}; });
}

rc::Gen<timestamp> some_time() {
  using namespace std::chrono;
  const std::int64_t first = unix_us(timestamp{sys_days{year{1} / 1 / 1}});
  const std::int64_t last = unix_us(timestamp{sys_days{year{10'000} / 1 / 1}}) - 1;
  return rc::gen::map(
      rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1'790'000'000'000'000, 1'800'000'000'000'000),
                     rc::gen::inRange<std::int64_t>(first, last),
                     rc::gen::elementOf(std::vector<std::int64_t>{0, first, last, -1})),
      from_unix_us);
}

rc::Gen<price> some_price() {
  return rc::gen::map(
      rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, price::one + 1),
                     rc::gen::map(rc::gen::inRange<std::int64_t>(0, 101),
                                  [](std::int64_t cents) { return cents * 10'000; })),
      price::of_micros);
}

rc::Gen<contract_id> some_contract() {
  return rc::gen::map(rc::gen::pair(some_enum<venue_id>(), id_text()),
                      [](const std::pair<venue_id, std::string>& p) {
                        return contract_id::make(p.first, p.second);
                      });
}

rc::Gen<tick_grid> some_grid() {
  return rc::gen::exec([] {
    const std::vector<std::int64_t> steps = {100, 500, 1'000, 2'000, 5'000, 10'000};
    const auto drawn =
        *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 100));
    const std::set<std::int64_t> cuts(drawn.begin(), drawn.end());
    std::vector<tick_band> bands;
    price start;
    for (const std::int64_t cents : cuts) {
      if (bands.size() + 1 == tick_grid::max_bands) break;
      const price end = price::of_micros(cents * 10'000);
      bands.push_back({start, end, *rc::gen::elementOf(steps)});
      start = end;
    }
    bands.push_back({start, price::of_micros(price::one), *rc::gen::elementOf(steps)});
    return tick_grid::from_bands(std::move(bands)).value();
  });
}

}  // namespace cornice_test

namespace rc {

Gen<cornice::price> Arbitrary<cornice::price>::arbitrary() {
  return cornice_test::some_price();
}

Gen<cornice::quantity> Arbitrary<cornice::quantity>::arbitrary() {
  return gen::map(cornice_test::wide_integer(),
                  [](std::int64_t v) { return cornice::quantity{v}; });
}

Gen<cornice::money> Arbitrary<cornice::money>::arbitrary() {
  return gen::map(cornice_test::wide_integer(), [](std::int64_t v) { return cornice::money{v}; });
}

Gen<cornice::ratio> Arbitrary<cornice::ratio>::arbitrary() {
  return gen::map(cornice_test::wide_integer(), [](std::int64_t v) { return cornice::ratio{v}; });
}

Gen<cornice::timestamp> Arbitrary<cornice::timestamp>::arbitrary() {
  return cornice_test::some_time();
}

Gen<cornice::contract_id> Arbitrary<cornice::contract_id>::arbitrary() {
  return cornice_test::some_contract();
}

Gen<cornice::tick_grid> Arbitrary<cornice::tick_grid>::arbitrary() {
  return cornice_test::some_grid();
}

}  // namespace rc
