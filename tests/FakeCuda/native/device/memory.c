/*
 * The device's memory. Addresses come from one window of the process that nothing else uses and are given out once, so that every address
 * in it is known to be the device's, also after it was freed. Physical memory is a file without a name, of which blocks are mapped into
 * the window, without access: a read or write of the host faults, and copies open what they touch for as long as they take.
 */
#define _GNU_SOURCE
#include "../fakecuda.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Half of what a process has: a pool reserves the device's memory twice, and a test project opens hundreds. */
static const size_t window_bytes = (size_t)64 << 40;
static uintptr_t window_start, next_address;

static int memory_file = -1;
static off_t file_bytes;

struct block {
    off_t offset;
    size_t bytes;
    size_t mappings;
    bool is_held; /* by its creator, who has not released it */
};
static struct block *blocks;
static size_t block_count, block_capacity;

static struct fake_ranges mapped, reserved;

static size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool start_window(void)
{
    if (window_start == 0) {
        void *start = mmap(NULL, window_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        memory_file = memfd_create("fakecuda", MFD_CLOEXEC);
        if (start == MAP_FAILED || memory_file < 0) {
            return false;
        }
        madvise(start, window_bytes, MADV_DONTDUMP);
        window_start = (uintptr_t)start;
        next_address = round_up(window_start, FAKE_GRANULARITY);
    }
    return true;
}

/* New addresses, with unmapped ones behind them. */
static uintptr_t take_addresses(size_t bytes, size_t alignment)
{
    if (bytes > window_bytes || !start_window()) {
        return 0;
    }
    uintptr_t start = round_up(next_address, alignment);
    uintptr_t end = round_up(start + bytes, FAKE_GRANULARITY) + FAKE_GRANULARITY;
    if (end > window_start + window_bytes) {
        return 0;
    }
    next_address = end;
    return start;
}

bool fake_is_device_address(const void *address)
{
    return window_start && (uintptr_t)address - window_start < window_bytes;
}

/* A block of physical memory. */
static int create(size_t bytes, size_t *index)
{
    if (fake_counters.used_bytes + (int64_t)bytes > fake_faults()->memory || !start_window()) {
        return FAKE_OUT_OF_MEMORY;
    }
    if (ftruncate(memory_file, file_bytes + (off_t)round_up(bytes, page())) != 0) {
        return FAKE_OUT_OF_MEMORY;
    }
    if (block_count == block_capacity) {
        block_capacity = block_capacity ? 2 * block_capacity : 256;
        blocks = realloc(blocks, block_capacity * sizeof *blocks);
    }
    *index = block_count++;
    blocks[*index] = (struct block){.offset = file_bytes, .bytes = bytes, .is_held = true};
    file_bytes += (off_t)round_up(bytes, page());
    fake_counters.used_bytes += (int64_t)bytes;
    if (fake_counters.used_bytes > fake_counters.peak_bytes) {
        fake_counters.peak_bytes = fake_counters.used_bytes;
    }
    return FAKE_SUCCESS;
}

/* A block exists until it is released and no longer mapped. */
static void end_unused(struct block *block)
{
    if (!block->is_held && block->mappings == 0) {
        fallocate(memory_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, block->offset, (off_t)round_up(block->bytes, page()));
        fake_counters.used_bytes -= (int64_t)block->bytes;
    }
}

static struct fake_range *map(uintptr_t start, size_t bytes, size_t index)
{
    void *place = mmap((void *)start, round_up(bytes, page()), PROT_NONE, MAP_SHARED | MAP_FIXED, memory_file, blocks[index].offset);
    if (place == MAP_FAILED) {
        return NULL;
    }
    blocks[index].mappings++;
    struct fake_range *range = fake_range_add(&mapped, start, bytes);
    range->block = index;
    return range;
}

static void unmap(struct fake_range *range)
{
    struct block *block = &blocks[range->block];
    size_t bytes = round_up(range->end - range->start, page());
    mmap((void *)range->start, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    /* As the window around it, or the kernel would count it as a mapping of its own, of which a process may have 65,530. */
    madvise((void *)range->start, bytes, MADV_DONTDUMP);
    fake_range_remove(&mapped, range);
    block->mappings--;
    end_unused(block);
}

/* cudaMalloc counts in units of 512 bytes; a copy may not pass the last byte that was asked for. */
int fake_allocate(size_t bytes, void **address)
{
    enum { UNIT = 512 };
    *address = NULL;
    if (bytes == 0) {
        return FAKE_SUCCESS;
    }
    if (bytes > window_bytes) {
        return FAKE_OUT_OF_MEMORY;
    }
    size_t index;
    int error = create(round_up(bytes, UNIT), &index);
    if (error != FAKE_SUCCESS) {
        return error;
    }
    uintptr_t start = take_addresses(bytes, FAKE_GRANULARITY);
    struct fake_range *range = start ? map(start, bytes, index) : NULL;
    blocks[index].is_held = false;
    if (!range) {
        end_unused(&blocks[index]);
        return FAKE_OUT_OF_MEMORY;
    }
    range->is_allocation = true;
    range->is_accessible = true;
    *address = (void *)start;
    fake_counters.allocations++;
    fake_trace("  %zu bytes at %p", bytes, *address);
    return FAKE_SUCCESS;
}

int fake_free(void *address)
{
    if (!address) {
        return FAKE_SUCCESS;
    }
    struct fake_range *range = fake_range_at(&mapped, (uintptr_t)address);
    if (!range || !range->is_allocation || range->start != (uintptr_t)address) {
        return FAKE_INVALID_VALUE;
    }
    unmap(range);
    return FAKE_SUCCESS;
}

int fake_reserve(size_t bytes, size_t alignment, void **address)
{
    if (bytes == 0 || bytes % FAKE_GRANULARITY || (alignment & (alignment - 1))) {
        return FAKE_INVALID_VALUE;
    }
    uintptr_t start = take_addresses(bytes, alignment > FAKE_GRANULARITY ? alignment : FAKE_GRANULARITY);
    if (!start) {
        return FAKE_OUT_OF_MEMORY;
    }
    fake_range_add(&reserved, start, bytes);
    *address = (void *)start;
    fake_trace("  %zu bytes at %p", bytes, *address);
    return FAKE_SUCCESS;
}

/* The reservation that holds all these addresses. */
static struct fake_range *reservation(void *address, size_t bytes)
{
    struct fake_range *range = fake_range_at(&reserved, (uintptr_t)address);
    return range && bytes && bytes <= range->end - (uintptr_t)address ? range : NULL;
}

int fake_unreserve(void *address, size_t bytes)
{
    struct fake_range *range = reservation(address, bytes);
    if (!range || range->start != (uintptr_t)address || range->end - range->start != bytes
        || !fake_range_is_free(&mapped, range->start, bytes)) {
        return FAKE_INVALID_VALUE;
    }
    fake_range_remove(&reserved, range);
    return FAKE_SUCCESS;
}

/* Handles are indices from 1. */
int fake_create(size_t bytes, uint64_t *handle)
{
    if (bytes == 0 || bytes % FAKE_GRANULARITY) {
        return FAKE_INVALID_VALUE;
    }
    size_t index;
    int error = create(bytes, &index);
    if (error == FAKE_SUCCESS) {
        *handle = index + 1;
        fake_counters.created_blocks++;
    }
    return error;
}

static struct block *held(uint64_t handle)
{
    return handle && handle <= block_count && blocks[handle - 1].is_held ? &blocks[handle - 1] : NULL;
}

int fake_release(uint64_t handle)
{
    struct block *block = held(handle);
    if (!block) {
        return FAKE_INVALID_VALUE;
    }
    block->is_held = false;
    end_unused(block);
    return FAKE_SUCCESS;
}

/* All of a block, which is more than CUDA asks for. */
int fake_map(void *address, size_t bytes, uint64_t handle)
{
    struct block *block = held(handle);
    if (!block || bytes != block->bytes || (uintptr_t)address % FAKE_GRANULARITY || !reservation(address, bytes)
        || !fake_range_is_free(&mapped, (uintptr_t)address, bytes)) {
        return FAKE_INVALID_VALUE;
    }
    return map((uintptr_t)address, bytes, handle - 1) ? FAKE_SUCCESS : FAKE_OUT_OF_MEMORY;
}

/* Where the mapping at an address ends, if there is one; otherwise the address itself. */
static uintptr_t mapped_until(uintptr_t address, bool is_accessible)
{
    struct fake_range *range = fake_range_at(&mapped, address);
    return range && (range->is_accessible || !is_accessible) ? range->end : address;
}

static bool is_mapped(const void *address, size_t bytes, bool is_accessible)
{
    uintptr_t cursor = (uintptr_t)address, end = cursor + bytes;
    while (cursor < end) {
        uintptr_t next = mapped_until(cursor, is_accessible);
        if (next == cursor) {
            return false;
        }
        cursor = next;
    }
    return true;
}

/* Whole mappings only. */
int fake_unmap(void *address, size_t bytes)
{
    uintptr_t start = (uintptr_t)address, end = start + bytes;
    struct fake_range *first = fake_range_at(&mapped, start), *last = bytes ? fake_range_at(&mapped, end - 1) : NULL;
    if (!reservation(address, bytes) || !is_mapped(address, bytes, false) || first->start != start || last->end != end) {
        return FAKE_INVALID_VALUE;
    }
    while (start < end) {
        struct fake_range *range = fake_range_at(&mapped, start);
        start = range->end;
        unmap(range);
    }
    return FAKE_SUCCESS;
}

int fake_set_access(void *address, size_t bytes, bool accessible)
{
    uintptr_t start = (uintptr_t)address, end = start + bytes;
    struct fake_range *first = fake_range_at(&mapped, start), *last = bytes ? fake_range_at(&mapped, end - 1) : NULL;
    if (!reservation(address, bytes) || !is_mapped(address, bytes, false) || first->start != start || last->end != end) {
        return FAKE_INVALID_VALUE;
    }
    for (struct fake_range *range = first; range <= last; range++) {
        range->is_accessible = accessible;
    }
    return FAKE_SUCCESS;
}

static void protect(const void *address, size_t bytes, int protection)
{
    uintptr_t start = (uintptr_t)address / page() * page();
    mprotect((void *)start, round_up((uintptr_t)address + bytes - start, page()), protection);
}

int fake_open(const void *address, size_t bytes)
{
    if (!is_mapped(address, bytes, true)) {
        return FAKE_INVALID_VALUE;
    }
    protect(address, bytes, PROT_READ | PROT_WRITE);
    return FAKE_SUCCESS;
}

void fake_close(const void *address, size_t bytes)
{
    protect(address, bytes, PROT_NONE);
}
