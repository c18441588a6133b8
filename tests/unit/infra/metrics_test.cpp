#include "cornice/infra/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace cornice::infra {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(metrics, counter_adds_up) {
  metrics_registry registry;
  const counter c = registry.make_counter("cornice_test_things_total", "Things.");
  c.add();
  c.add(41);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("# HELP cornice_test_things_total Things.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE cornice_test_things_total counter\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_things_total 42\n"));
}

TEST(metrics, same_name_and_labels_is_the_same_metric) {
  metrics_registry registry;
  registry.make_counter("cornice_test_total", "One.", {{"venue", "sim"}}).add(1);
  registry.make_counter("cornice_test_total", "Another help.", {{"venue", "sim"}}).add(2);
  registry.make_counter("cornice_test_total", "One.", {{"venue", "kalshi"}}).add(5);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("cornice_test_total{venue=\"sim\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_total{venue=\"kalshi\"} 5\n"));
}

TEST(metrics, gauge_sets_adds_and_shows_durations_in_seconds) {
  metrics_registry registry;
  const gauge level = registry.make_gauge("cornice_test_level", "Level.");
  level.set(10);
  level.add(-13);
  registry.make_gauge("cornice_test_age_seconds", "Age.").set_us(1'500'000);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("cornice_test_level -3\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_age_seconds 1.5\n"));
}

TEST(metrics, histogram_counts_into_buckets_of_seconds) {
  metrics_registry registry;
  const histogram h = registry.make_histogram("cornice_test_wait_seconds", "Wait.");
  h.observe_us(700);
  h.observe_us(20'000'000);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("cornice_test_wait_seconds_count 2\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_wait_seconds_sum 20.0007\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_wait_seconds_bucket{le=\"0.0005\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_wait_seconds_bucket{le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("cornice_test_wait_seconds_bucket{le=\"+Inf\"} 2\n"));
}

TEST(metrics, default_handles_count_nowhere) {
  counter{}.add();
  gauge{}.set(1);
  histogram{}.observe_us(1);
  metrics_registry registry;
  EXPECT_THAT(registry.expose(), Not(HasSubstr("cornice_test")));
}

TEST(metrics, label_sets_of_one_name_are_bounded_and_the_excess_is_counted) {
  metrics_registry registry;
  for (std::size_t i = 0; i < metrics_registry::series_limit + 3; ++i)
    registry.make_counter("cornice_test_total", "Many.", {{"id", std::to_string(i)}}).add();
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("cornice_metrics_series_refused_total 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("id=\"10000\"")));
}

TEST(metrics, label_values_are_escaped) {
  metrics_registry registry;
  registry.make_counter("cornice_test_total", "T.", {{"what", "a\"b\\c\n"}}).add();
  EXPECT_THAT(registry.expose(), HasSubstr(R"(cornice_test_total{what="a\"b\\c\n"} 1)"));
}

TEST(metrics, threads_may_count_at_once) {
  metrics_registry registry;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&registry] {
      for (int i = 0; i < 1000; ++i) registry.make_counter("cornice_test_total", "T.").add();
    });
  threads.clear();
  EXPECT_THAT(registry.expose(), HasSubstr("cornice_test_total 4000\n"));
}

TEST(metrics_death, name_of_two_kinds_aborts) {
  metrics_registry registry;
  registry.make_counter("cornice_test_total", "T.");
  EXPECT_DEATH((void)registry.make_gauge("cornice_test_total", "T."), "one kind only");
}

TEST(metrics_death, name_that_prometheus_refuses_aborts) {
  metrics_registry registry;
  EXPECT_DEATH((void)registry.make_counter("cornice.test", "T."), "metric name");
  EXPECT_DEATH((void)registry.make_counter("cornice_test_total", "T.", {{"le", "1"}}),
               "metric label");
}

}  // namespace
}  // namespace cornice::infra
