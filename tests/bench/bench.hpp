// What every benchmark needs: rounds in which limit and measured thing alternate, and one line of
// JSON a result.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace cornice_bench {

using bench_clock = std::chrono::steady_clock;

/// Keeps the compiler from dropping work whose result nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

template <class F>
double seconds_of(F&& work) {
  const auto begun = bench_clock::now();
  work();
  return std::chrono::duration<double>(bench_clock::now() - begun).count();
}

/// Processor time of this thread: what computes alone is measured so, because a machine that runs
/// something else too would otherwise count that.
template <class F>
double cpu_seconds_of(F&& work) {
  const auto now = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  };
  const double begun = now();
  work();
  return now() - begun;
}

/// The value below which `share` of the sorted values lie; nearest rank.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) throw std::runtime_error{"a quantile of nothing was asked for"};
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(last * share + 0.5)];
}
inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

/// What was measured, round by round: `values[i]` and `limits[i]` were taken right after each
/// other, so that whatever else the machine did falls on both.
struct comparison {
  std::string name;
  std::string unit;
  std::string limit_name;
  std::vector<double> values;
  std::vector<double> limits;
  void add(double value, double limit) {
    values.push_back(value);
    limits.push_back(limit);
  }
};

inline void print_result(const std::string& name, double value, const std::string& unit,
                         const std::string& limit_name, double limit, double ratio,
                         const std::string& goal, bool higher_is_better) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",\"limit_name\":\"%s\",\"limit_value\":%.4g,"
      "\"ratio\":%.4g,\"goal\":%s,\"higher_is_better\":%s}\n",
      name.c_str(), value, unit.c_str(), limit_name.c_str(), limit, ratio, goal.c_str(),
      higher_is_better ? "true" : "false");
  std::fflush(stdout);
}

enum class better : std::uint8_t { lower, higher };

/// Prints the medians and the median of the rounds' ratios. `goal` is a number, or "null" for a
/// figure that is shown and not judged.
inline void report(const comparison& c, const std::string& goal, better direction = better::lower) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < c.values.size(); ++i) ratios.push_back(c.values[i] / c.limits[i]);
  print_result(c.name, median(c.values), c.unit, c.limit_name, median(c.limits), median(ratios),
               goal, direction == better::higher);
}

/// A figure without a limit, for the reader of the raw output.
inline void remark(const std::string& name, double value, const std::string& unit) {
  std::printf("{\"remark\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", name.c_str(), value,
              unit.c_str());
  std::fflush(stdout);
}

inline void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error{what};
}

/// Runs `body` and turns what it throws into an exit status.
template <class F>
int run_benchmark(const char* program, F&& body) {
  try {
    body();
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", program, e.what());
    return EXIT_FAILURE;
  }
}

}  // namespace cornice_bench
