// Counts what the program allocates, by replacing the global operator new. To be included by one
// source of a program.
#pragma once

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace cornice_bench {

/// Of the whole program, on every thread that is measured (the benchmarks that use it have one).
struct allocation_count {
  std::uint64_t calls = 0;
  std::int64_t live_bytes = 0;  ///< as the allocator rounds them
};
inline allocation_count allocated;

inline void* counted_allocation(std::size_t size) {
  void* const p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) throw std::bad_alloc{};
  ++allocated.calls;
  allocated.live_bytes += static_cast<std::int64_t>(::malloc_usable_size(p));
  return p;
}

inline void counted_release(void* p) noexcept {
  if (p != nullptr) allocated.live_bytes -= static_cast<std::int64_t>(::malloc_usable_size(p));
  std::free(p);
}

}  // namespace cornice_bench

void* operator new(std::size_t size) {
  return cornice_bench::counted_allocation(size);
}
void* operator new[](std::size_t size) {
  return cornice_bench::counted_allocation(size);
}
void operator delete(void* p) noexcept {
  cornice_bench::counted_release(p);
}
void operator delete[](void* p) noexcept {
  cornice_bench::counted_release(p);
}
void operator delete(void* p, std::size_t) noexcept {
  cornice_bench::counted_release(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  cornice_bench::counted_release(p);
}
