#include "cornice/infra/log.hpp"

#include "cornice/infra/clock.hpp"
#include "infra/log_line.hpp"
#include "infra/log_redactor.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace cornice::infra {
namespace {

constexpr std::size_t queue_limit = 8192;  // lines; about 4 MiB at worst typical length
constexpr std::chrono::seconds flush_limit{2};

// Writes all of `text`, waiting as long as the reader takes. False when the reader is gone.
bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd waiting{fd, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool shows_colour(int fd) {
  return ::isatty(fd) == 1 && std::getenv("NO_COLOR") == nullptr;
}

// Puts finished lines on stdout, on the one thread of the pool.
class line_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  // Waits until a flush that was queued after this call began has come through.
  template <class QueueFlush>
  void wait_for_flush(QueueFlush queue_flush) {
    std::unique_lock lock{mutex_};
    const std::uint64_t before = flushes_;
    queue_flush();
    flushed_.wait_for(lock, flush_limit, [&] { return flushes_ != before; });
  }
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(); }

 private:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    if (!write_all(STDOUT_FILENO, {msg.payload.data(), msg.payload.size()})) ++lost_;
  }
  void flush_() override {
    const std::lock_guard lock{mutex_};
    ++flushes_;
    flushed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable flushed_;
  std::uint64_t flushes_ = 0;
  std::atomic<std::uint64_t> lost_{0};
};

struct async_output {
  std::shared_ptr<line_sink> sink = std::make_shared<line_sink>();
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(queue_limit, 1);
  // Shared, because each queued line holds on to its logger.
  std::shared_ptr<spdlog::async_logger> queue = std::make_shared<spdlog::async_logger>(
      "cornice", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
};

struct log_state {
  std::atomic<log_level> minimum{log_level::info};
  std::atomic<bool> human{false};
  std::atomic<bool> colour{false};
  std::atomic<async_output*> output{nullptr};
  std::atomic<std::uint64_t> lost{0};
  log_redactor redactor;
};

// Never destroyed: other static objects may log while the process ends, and a writer that hangs on
// a stalled stdout must not hold up the exit.
log_state& the_log() {
  static log_state* const state = [] {
    auto made = std::make_unique<log_state>();
    made->human = ::isatty(STDERR_FILENO) == 1;
    made->colour = shows_colour(STDERR_FILENO);
    return made.release();
  }();
  return *state;
}

void write_record(log_state& state, const log_record& record) {
  const log_value_filter redact = [&state](std::string& text) { state.redactor.apply(text); };
  std::string line = state.human.load(std::memory_order_relaxed)
                         ? human_log_line(record, state.colour, redact)
                         : json_log_line(record, redact);
  redact(line);
  line += '\n';
  async_output* const output = state.output.load(std::memory_order_acquire);
  if (output) {
    output->queue->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
  } else if (!write_all(STDERR_FILENO, line)) {
    ++state.lost;
  }
}

}  // namespace

void start_logging(log_level minimum, log_format format) {
  log_state& state = the_log();
  state.minimum = minimum;
  state.human = format == log_format::human ||
                (format == log_format::automatic && ::isatty(STDOUT_FILENO) == 1);
  state.colour = shows_colour(STDOUT_FILENO);
  if (!state.output.load()) {
    auto output = std::make_unique<async_output>();
    output->queue->set_level(spdlog::level::trace);
    output->queue->set_error_handler([](const std::string&) { ++the_log().lost; });
    state.output.store(output.release(), std::memory_order_release);
  }
}

void flush_logging() noexcept {
  async_output* const output = the_log().output.load();
  if (!output) return;
  try {
    output->sink->wait_for_flush([output] { output->queue->flush(); });
  } catch (...) {
    // Nothing is left to report it to; the lines stay queued.
    ++the_log().lost;
  }
}

std::uint64_t log_lines_dropped() noexcept {
  log_state& state = the_log();
  const async_output* const output = state.output.load();
  const std::uint64_t lost = state.lost.load();
  return output ? lost + output->pool->overrun_counter() + output->sink->lost() : lost;
}

void redact_in_logs(std::string_view secret) {
  the_log().redactor.add(secret);
}

bool log_enabled(log_level level) noexcept {
  return level >= the_log().minimum.load(std::memory_order_relaxed);
}

void set_log_level(log_level minimum) noexcept {
  the_log().minimum = minimum;
}

std::string_view to_string(log_level level) noexcept {
  switch (level) {
    case log_level::trace:
      return "trace";
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warn:
      return "warn";
    case log_level::error:
      return "error";
    case log_level::critical:
      return "critical";
  }
  return "unknown";
}

bool parse_log_level(std::string_view text, log_level& out) noexcept {
  for (const log_level level : {log_level::trace, log_level::debug, log_level::info,
                                log_level::warn, log_level::error, log_level::critical}) {
    if (text == to_string(level)) {
      out = level;
      return true;
    }
  }
  return false;
}

void logger::log(log_level level, std::string_view event,
                 std::initializer_list<log_field> fields) const noexcept {
  if (!log_enabled(level)) return;
  try {
    write_record(the_log(), {system_clock().now(), level, component_, event, fields});
  } catch (...) {
    ++the_log().lost;
  }
}

}  // namespace cornice::infra
