#include "cornice/venue/tape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace cornice::venue::tape {
namespace {

record sample() {
  record r;
  r.received = from_unix_us(1'800'000'000'123'456);
  r.venue = venue_id::polymarket;
  r.kind = record_kind::ws_in;
  r.connection = "ws-3";
  r.bytes = R"([{"event_type":"book"}])";
  return r;
}

std::string tape_of(const std::vector<record>& records) {
  std::string out;
  encode_header(out);
  for (const record& r : records) EXPECT_TRUE(encode(out, r.view()));
  return out;
}

errc error_of(std::string_view bytes) {
  reader in;
  in.feed(bytes);
  for (;;) {
    const auto next = in.next();
    if (!next) {
      EXPECT_EQ(in.next().error(), next.error()) << "an error stays";
      return next.error().code;
    }
    if (*next) continue;
    const auto end = in.finish();
    EXPECT_FALSE(end.has_value());
    return end ? errc::internal : end.error().code;
  }
}

TEST(tape, the_bytes_of_a_record_are_as_documented) {
  record r;
  r.received = from_unix_us(0x0102030405060708);
  r.venue = venue_id::kalshi;
  r.kind = record_kind::rest;
  r.connection = "c";
  r.target = "/t";
  r.bytes = "body";
  const std::string t = tape_of({r});
  EXPECT_EQ(t.substr(0, 12), std::string("CORNTAPE\x01\0\0\0", 12));
  EXPECT_EQ(t.substr(12, 4), std::string("\x17\0\0\0", 4));
  EXPECT_EQ(t.substr(20), std::string("\x08\x07\x06\x05\x04\x03\x02\x01"
                                      "\x04\x01"
                                      "\x01\0"
                                      "\x02\0\0\0"
                                      "c/tbody",
                                      23));
}

TEST(tape, an_empty_tape_is_one) {
  reader in;
  in.feed(tape_of({}));
  EXPECT_EQ(in.next().value(), std::nullopt);
  EXPECT_TRUE(in.finish());
}

TEST(tape, what_is_no_tape_is_said_at_once) {
  EXPECT_EQ(error_of("PK\x03\x04"), errc::malformed);
  EXPECT_EQ(error_of(""), errc::malformed);
  EXPECT_EQ(error_of("CORN"), errc::malformed);
}

TEST(tape, another_version_is_refused) {
  std::string t = tape_of({sample()});
  t[8] = 2;
  EXPECT_EQ(error_of(t), errc::refused);
}

TEST(tape, every_truncation_is_noticed_and_what_was_whole_is_read) {
  const std::string one = tape_of({sample()});
  const std::string two = tape_of({sample(), sample()});
  for (std::size_t n = one.size() + 1; n < two.size(); ++n) {
    reader in;
    in.feed(std::string_view{two}.substr(0, n));
    EXPECT_EQ(in.next().value(), sample());
    EXPECT_EQ(in.next().value(), std::nullopt);
    EXPECT_EQ(in.offset(), one.size());
    EXPECT_EQ(in.finish().error().code, errc::corrupt);
  }
}

TEST(tape, every_flipped_bit_is_noticed) {
  const std::string good = tape_of({sample()});
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i == 10 || i == 11) continue;  // reserved
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      (void)error_of(bad);
    }
  }
}

TEST(tape, impossible_lengths_are_refused_before_anything_is_kept_for_them) {
  std::string t = tape_of({});
  t += std::string("\xff\xff\xff\xff", 4) + std::string(4, '\0');
  EXPECT_EQ(error_of(t), errc::malformed);
}

TEST(tape, a_record_over_its_bounds_is_not_written) {
  std::string out = "before";
  record r = sample();
  r.connection.assign(max_connection_bytes + 1, 'x');
  EXPECT_EQ(encode(out, r.view()).error().code, errc::out_of_range);
  r = sample();
  r.target.assign(max_target_bytes + 1, 'x');
  EXPECT_EQ(encode(out, r.view()).error().code, errc::out_of_range);
  EXPECT_EQ(out, "before");
}

RC_GTEST_PROP(tape, survives_a_round_trip_however_it_is_cut, ()) {
  const auto some_bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::vector<record> written;
  const auto count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) {
    record r;
    r.received = from_unix_us(*rc::gen::arbitrary<std::int64_t>());
    r.venue =
        *rc::gen::elementOf(std::vector<venue_id>(std::begin(all_venues), std::end(all_venues)));
    r.kind = *rc::gen::element(record_kind::ws_open, record_kind::ws_in, record_kind::ws_close,
                               record_kind::rest);
    r.connection = *some_bytes;
    r.target = *some_bytes;
    r.bytes = *some_bytes;
    if (r.connection.size() > max_connection_bytes) r.connection.resize(max_connection_bytes);
    written.push_back(std::move(r));
  }
  const std::string bytes = tape_of(written);
  std::size_t size = header_size;
  for (const record& r : written) size += encoded_size(r.view());
  RC_ASSERT(bytes.size() == size);
  const auto step = static_cast<std::size_t>(*rc::gen::inRange(1, 50));
  reader in;
  std::vector<record> read;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    in.feed(std::string_view{bytes}.substr(at, step));
    for (auto next = in.next().value(); next; next = in.next().value())
      read.push_back(std::move(*next));
  }
  RC_ASSERT(in.finish().has_value());
  RC_ASSERT(in.offset() == bytes.size());
  RC_ASSERT(read == written);
}

}  // namespace
}  // namespace cornice::venue::tape
