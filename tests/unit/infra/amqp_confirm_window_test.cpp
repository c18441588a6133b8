#include "infra/amqp_confirm_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

namespace cornice::infra::amqp {
namespace {

std::vector<int> settle(confirm_window<int>& w, std::uint64_t tag, bool multiple) {
  std::vector<int> settled;
  EXPECT_TRUE(w.settle(tag, multiple, [&](int v) { settled.push_back(v); }));
  return settled;
}

TEST(amqp_confirm_window, tags_count_from_one) {
  confirm_window<int> w;
  EXPECT_EQ(w.push(10), 1u);
  EXPECT_EQ(w.push(20), 2u);
  EXPECT_EQ(w.open(), 2u);
}

TEST(amqp_confirm_window, single_confirm_out_of_order_keeps_the_others_open) {
  confirm_window<int> w;
  for (int v : {10, 20, 30}) w.push(v);
  EXPECT_EQ(settle(w, 2, false), std::vector{20});
  EXPECT_EQ(w.open(), 2u);
  EXPECT_EQ(w.span(), 3u);
  EXPECT_EQ(settle(w, 1, false), std::vector{10});
  EXPECT_EQ(w.span(), 1u) << "settled tags at the front take no memory";
}

TEST(amqp_confirm_window, multiple_confirm_settles_all_open_ones_up_to_the_tag_in_order) {
  confirm_window<int> w;
  for (int v : {10, 20, 30, 40}) w.push(v);
  settle(w, 2, false);
  EXPECT_EQ(settle(w, 3, true), (std::vector{10, 30}));
  EXPECT_EQ(w.open(), 1u);
}

TEST(amqp_confirm_window, multiple_confirm_of_tag_zero_settles_everything) {
  confirm_window<int> w;
  for (int v : {10, 20}) w.push(v);
  EXPECT_EQ(settle(w, 0, true), (std::vector{10, 20}));
}

TEST(amqp_confirm_window, confirming_twice_settles_once) {
  confirm_window<int> w;
  w.push(10);
  settle(w, 1, false);
  EXPECT_TRUE(settle(w, 1, false).empty());
}

TEST(amqp_confirm_window, confirm_of_a_tag_never_sent_is_reported) {
  confirm_window<int> w;
  w.push(10);
  EXPECT_FALSE(w.settle(2, false, [](int) { FAIL() << "nothing to settle"; }));
  EXPECT_EQ(w.open(), 1u);
}

TEST(amqp_confirm_window, a_new_channel_counts_from_one_again) {
  confirm_window<int> w;
  for (int v : {10, 20, 30}) w.push(v);
  settle(w, 2, false);
  std::vector<int> lost;
  w.abandon([&](int v) { lost.push_back(v); });
  EXPECT_EQ(lost, (std::vector{10, 30}));
  EXPECT_EQ(w.open(), 0u);
  EXPECT_EQ(w.push(40), 1u);
}

TEST(amqp_confirm_window, find_knows_open_entries_only) {
  confirm_window<int> w;
  w.push(10);
  w.push(20);
  settle(w, 1, false);
  EXPECT_EQ(w.find(1), nullptr);
  ASSERT_NE(w.find(2), nullptr);
  EXPECT_EQ(*w.find(2), 20);
  EXPECT_EQ(w.find(3), nullptr);
}

// Against a plain map from tag to value.
RC_GTEST_PROP(amqp_confirm_window, every_message_is_settled_exactly_once, ()) {
  confirm_window<int> w;
  std::map<std::uint64_t, int> model;
  std::uint64_t next = 1;
  const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, bool>>>(
      rc::gen::pair(rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<bool>()));
  for (const auto& [number, flag] : steps) {
    if (number < 140) {
      RC_ASSERT(w.push(static_cast<int>(next)) == next);
      model.emplace(next, static_cast<int>(next));
      ++next;
    } else if (next > 1) {
      const std::uint64_t tag = 1 + number % (next - 1);
      std::vector<int> expected;
      for (auto it = model.begin(); it != model.end() && it->first <= tag;) {
        const bool takes = flag || it->first == tag;
        if (takes) expected.push_back(it->second);
        it = takes ? model.erase(it) : std::next(it);
      }
      std::vector<int> settled;
      RC_ASSERT(w.settle(tag, flag, [&](int v) { settled.push_back(v); }));
      RC_ASSERT(settled == expected);
    }
    RC_ASSERT(w.open() == model.size());
  }
}

}  // namespace
}  // namespace cornice::infra::amqp
