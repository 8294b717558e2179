#include "allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count = 0;
std::atomic<std::size_t> bytes = 0;
std::atomic<bool> ended = false;
std::atomic<std::size_t> calls_left = SIZE_MAX;

std::size_t cost(void* memory) noexcept { return malloc_usable_size(memory) + sizeof(void*); }

void* allocate(std::size_t size) noexcept {
  if (calls_left.load(std::memory_order_relaxed) == 0) ended.store(true, std::memory_order_relaxed);
  if (ended.load(std::memory_order_relaxed)) return nullptr;
  if (calls_left.load(std::memory_order_relaxed) != SIZE_MAX) {
    calls_left.fetch_sub(1, std::memory_order_relaxed);
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) return nullptr;
  count.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(cost(memory), std::memory_order_relaxed);
  return memory;
}

void deallocate(void* memory) noexcept {
  if (memory == nullptr) return;
  bytes.fetch_sub(cost(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::size_t drywire::tests::allocations() noexcept { return count.load(std::memory_order_relaxed); }

std::size_t drywire::tests::allocated_bytes() noexcept {
  return bytes.load(std::memory_order_relaxed);
}

void drywire::tests::end_memory(bool now) noexcept {
  calls_left.store(SIZE_MAX, std::memory_order_relaxed);
  ended.store(now, std::memory_order_relaxed);
}

void drywire::tests::end_memory_after(std::size_t calls) noexcept {
  calls_left.store(calls, std::memory_order_relaxed);
}

// No test goes on without memory, unless it wants to.
void* operator new(std::size_t size) {
  void* memory = allocate(size);
  if (memory != nullptr) return memory;
  if (ended.load(std::memory_order_relaxed)) throw std::bad_alloc();
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { deallocate(memory); }
void operator delete(void* memory, std::size_t) noexcept { deallocate(memory); }
