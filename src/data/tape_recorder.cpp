#include "cornice/data/tape_recorder.hpp"

#include "cornice/infra/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace cornice::data {
namespace {

namespace tape = venue::tape;

constexpr int numbers_max = 100'000;

error system_error_of(const std::string& what, int code) {
  return {errc::io, what + ": " + std::generic_category().message(code)};
}

// A tape file under construction. Whatever fails, the file ends at the end of a record.
class tape_file {
 public:
  explicit tape_file(std::string base) : base_{std::move(base)} {}
  ~tape_file() { close(); }
  tape_file(const tape_file&) = delete;
  tape_file& operator=(const tape_file&) = delete;

  result<void> open_next() {
    close();
    for (; number_ < numbers_max; ++number_) {
      path_ = number_ == 0 ? base_ : base_ + "." + std::to_string(number_);
      fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
      if (fd_ >= 0) break;
      if (errno != EEXIST) return system_error_of("tape file " + path_, errno);
    }
    if (fd_ < 0) return error{errc::conflict, "every tape file " + base_ + ".N exists already"};
    ++number_;
    std::string header;
    tape::encode_header(header);
    return append(header);
  }

  result<void> append(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::write(fd_, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        const error failed = system_error_of("tape file " + path_, errno);
        // A record without its end would make everything after it unreadable.
        if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0 ||
            ::lseek(fd_, static_cast<off_t>(size_), SEEK_SET) < 0)
          close();
        return failed;
      }
      done += static_cast<std::size_t>(n);
    }
    size_ += bytes.size();
    return {};
  }

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    size_ = 0;
  }

  std::string base_;
  std::string path_;
  int fd_ = -1;
  int number_ = 0;
  std::uint64_t size_ = 0;
};

// Encoded records, one behind the other, and where each ends.
struct batch {
  std::string bytes;
  std::vector<std::size_t> ends;
};

}  // namespace

struct tape_recorder::state {
  state(tape_options o, infra::metrics_registry& metrics)
      : options{std::move(o)}, file{options.file} {
    records = metrics.make_counter("cornice_tape_records_total", "Records written to the tape.");
    dropped = metrics.make_counter("cornice_tape_records_dropped_total",
                                   "Records that the tape's queue or disk did not take.");
    written = metrics.make_counter("cornice_tape_bytes_total", "Bytes written to the tape.");
  }

  void run();
  void write(const batch& b);
  void write_run(std::string_view bytes, std::size_t count);

  const tape_options options;
  tape_file file;
  infra::logger log{"data.tape"};
  infra::counter records;
  infra::counter dropped;
  infra::counter written;
  bool failing = false;  // of the writing thread: one line a disturbance

  std::mutex lock;  // held for a copy or a swap, never for the disk
  std::condition_variable wake;
  batch waiting;
  bool ending = false;
  std::thread thread;
};

result<std::unique_ptr<tape_recorder>> tape_recorder::start(tape_options options,
                                                            infra::metrics_registry& metrics) {
  auto s = std::make_unique<state>(std::move(options), metrics);
  CORNICE_CHECK_OK(s->file.open_next());
  s->log.info("tape_started", {{"file", s->file.path()}});
  s->thread = std::thread{[raw = s.get()] { raw->run(); }};
  return std::unique_ptr<tape_recorder>{new tape_recorder{std::move(s)}};
}

tape_recorder::tape_recorder(std::unique_ptr<state> s) : state_{std::move(s)} {}

tape_recorder::~tape_recorder() {
  {
    const std::lock_guard hold{state_->lock};
    state_->ending = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

void tape_recorder::record(const tape::record_view& r) {
  const std::size_t size = tape::encoded_size(r);
  {
    const std::lock_guard hold{state_->lock};
    batch& b = state_->waiting;
    if (b.bytes.size() + size > state_->options.queue_bytes || !tape::encode(b.bytes, r))
      return state_->dropped.add();
    b.ends.push_back(b.bytes.size());
  }
  state_->wake.notify_one();
}

void tape_recorder::state::run() {
  batch mine;
  for (;;) {
    mine.bytes.clear();
    mine.ends.clear();
    {
      std::unique_lock hold{lock};
      wake.wait(hold, [this] { return ending || !waiting.ends.empty(); });
      if (waiting.ends.empty()) return;
      std::swap(mine, waiting);  // both buffers keep their capacity
    }
    write(mine);
  }
}

// Runs of records that fit into the file go out with one call.
void tape_recorder::state::write(const batch& b) {
  std::size_t begin = 0;
  std::size_t i = 0;
  while (i < b.ends.size()) {
    if (!file.is_open() || (file.size() > tape::header_size &&
                            file.size() + (b.ends[i] - begin) > options.rotate_bytes)) {
      if (const auto opened = file.open_next(); !opened) {
        if (!std::exchange(failing, true))
          log.error("tape_write_failed", {{"error", opened.error().message}});
        return dropped.add(b.ends.size() - i);
      }
    }
    std::size_t n = i;
    do ++n;
    while (n < b.ends.size() && file.size() + (b.ends[n] - begin) <= options.rotate_bytes);
    write_run(std::string_view{b.bytes}.substr(begin, b.ends[n - 1] - begin), n - i);
    begin = b.ends[n - 1];
    i = n;
  }
}

void tape_recorder::state::write_run(std::string_view bytes, std::size_t count) {
  if (const auto done = file.append(bytes); !done) {
    if (!std::exchange(failing, true))
      log.error("tape_write_failed", {{"error", done.error().message}});
    return dropped.add(count);
  }
  if (std::exchange(failing, false)) log.info("tape_write_resumed", {{"file", file.path()}});
  records.add(count);
  written.add(bytes.size());
}

}  // namespace cornice::data
