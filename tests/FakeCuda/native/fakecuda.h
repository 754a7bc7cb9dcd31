/*
 * FakeCuda: a CUDA device that has memory, streams and counters, and no arithmetic. What its source files share.
 *
 * device/ is the device itself (libfakecuda.so). cudart/, cublas/, cublasLt/, curand/ and cuda/ are NVIDIA's libraries as far as the
 * CUDA provider of ONNX Runtime and the tests call them: each function checks its arguments, asks the device, and counts.
 */
#ifndef FAKECUDA_H
#define FAKECUDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The runtime's and the driver's errors, which share their numbers. */
enum fake_error {
    FAKE_SUCCESS = 0,
    FAKE_INVALID_VALUE = 1,
    FAKE_OUT_OF_MEMORY = 2,
    FAKE_NOT_INITIALIZED = 3,
    FAKE_INVALID_CONFIGURATION = 9,
    FAKE_INVALID_DIRECTION = 21,
    FAKE_INSUFFICIENT_DRIVER = 35,
    FAKE_INVALID_FUNCTION = 98,
    FAKE_NO_DEVICE = 100,
    FAKE_INVALID_DEVICE = 101,
    FAKE_INVALID_HANDLE = 400,
    FAKE_ILLEGAL_ADDRESS = 700,
    FAKE_ALREADY_REGISTERED = 712,
    FAKE_NOT_REGISTERED = 713,
    FAKE_NOT_SUPPORTED = 801,
};

/* device/entry.c: how every function begins and ends. */

/* The device's lock alone: for what tests call, and the loader. */
void fake_lock(void);
void fake_unlock(void);
/* Takes the lock; whether the runtime has a device to work with. The thread has a context from then on. */
int fake_enter(void);
/* The same for the driver, which works without a context, and with any runtime. */
int fake_enter_driver(void);
/*
 * Counts the call under its name, remembers its error for cudaGetLastError, which is the runtime's and knows nothing of the driver's, and
 * gives the lock back. Returns the error.
 */
int fake_leave(const char *function, int error);
int fake_last_error(bool forget);
bool fake_has_context(void);
void fake_initialize_driver(void);
const char *fake_error_name(int error);
const char *fake_error_text(int error);

/* device/faults.c: what the device is, and what is wrong with it. */

struct fake_faults {
    int64_t devices;
    int64_t driver_version;
    int64_t compute_capability;
    int64_t memory;
    int64_t moves_bytes;
};
const struct fake_faults *fake_faults(void);
int fake_attribute(int attribute, int *value);

/* device/counters.c */

enum fake_name_kind { FAKE_CALL, FAKE_KERNEL, FAKE_GEMM };

/* The order is that of FakeCudaCounters.cs. Those marked "now" are states, which a reset leaves. */
struct fakecuda_counters {
    int64_t launches;
    int64_t gemms;
    int64_t uploads, upload_bytes;
    int64_t downloads, download_bytes;
    int64_t device_copies, device_copy_bytes;
    int64_t self_copies, self_copy_bytes;
    int64_t pinned_copies, pageable_copies;
    int64_t blocking_copies;
    int64_t memsets, memset_bytes;
    int64_t stream_syncs, device_syncs, event_syncs;
    int64_t foreign_stream_operations;
    int64_t allocations, created_blocks, pinned_allocations;
    int64_t failures;
    int64_t blas_handles, blas_lt_handles; /* now */
    int64_t streams, events;               /* now */
    int64_t used_bytes;                    /* now */
    int64_t peak_bytes;                    /* a reset makes it used_bytes */
};
extern struct fakecuda_counters fake_counters;

/* The index of a name in the list of names; a new one if there is none, or always (for kernels, found by their function). */
size_t fake_name(enum fake_name_kind kind, const char *name, bool always_new);
void fake_count_name(size_t index);
/* Counts an operation that is not on the stream that tests allow. */
void fake_count_stream(void *stream);
/* A line in the file that FAKECUDA_TRACE names. */
void fake_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* device/ranges.c: disjoint ranges of addresses, in order. */

struct fake_range {
    uintptr_t start, end;
    size_t block; /* of physical memory */
    bool is_allocation, is_accessible;
};
struct fake_ranges {
    struct fake_range *items;
    size_t count, capacity;
};
struct fake_range *fake_range_at(struct fake_ranges *ranges, uintptr_t address);
bool fake_range_is_free(struct fake_ranges *ranges, uintptr_t start, size_t bytes);
struct fake_range *fake_range_add(struct fake_ranges *ranges, uintptr_t start, size_t bytes);
void fake_range_remove(struct fake_ranges *ranges, struct fake_range *range);

/* device/memory.c */

enum { FAKE_GRANULARITY = 2 << 20 };

bool fake_is_device_address(const void *address);
int fake_allocate(size_t bytes, void **address);
int fake_free(void *address);
int fake_reserve(size_t bytes, size_t alignment, void **address);
int fake_unreserve(void *address, size_t bytes);
int fake_create(size_t bytes, uint64_t *handle);
int fake_release(uint64_t handle);
int fake_map(void *address, size_t bytes, uint64_t handle);
int fake_unmap(void *address, size_t bytes);
int fake_set_access(void *address, size_t bytes, bool accessible);
/* Lets the host at device memory, all of which must be mapped, accessible and of one allocation or reservation. */
int fake_open(const void *address, size_t bytes);
void fake_close(const void *address, size_t bytes);

/* device/pinned.c: host memory that the device may copy from while the host goes on. */

int fake_pin(void *address, size_t bytes);
int fake_unpin(void *address);
bool fake_is_pinned(const void *address, size_t bytes);

/* device/copies.c */

enum fake_direction { FAKE_HOST_TO_HOST, FAKE_HOST_TO_DEVICE, FAKE_DEVICE_TO_HOST, FAKE_DEVICE_TO_DEVICE, FAKE_ANY_DIRECTION };

struct fake_copy {
    void *to;
    const void *from;
    size_t to_pitch, from_pitch, width, rows;
    int direction;
    void *stream;
};
int fake_copy(const struct fake_copy *copy);
int fake_set(void *to, int value, size_t bytes, void *stream);

/* device/handles.c: streams, events and the handles of cuBLAS. */

enum fake_handle_kind { FAKE_NO_HANDLE, FAKE_STREAM, FAKE_EVENT, FAKE_BLAS, FAKE_BLAS_LT, FAKE_BLAS_DESCRIPTION };

int fake_new_handle(enum fake_handle_kind kind, void **handle);
int fake_delete_handle(enum fake_handle_kind kind, void *handle);
bool fake_is_handle(enum fake_handle_kind kind, const void *handle);
/* Of one of cuBLAS: its stream and its mathematics mode. Null for any other handle. */
struct fake_blas {
    void *stream;
    int math_mode;
};
struct fake_blas *fake_blas_of(const void *handle);
/* A stream that was created and not destroyed, or one of those that always exist. */
bool fake_is_stream(const void *stream);
/* Counts a GEMM or, if it is none, a launch. */
void fake_run_blas(const char *function, bool is_gemm, void *stream);

#endif
