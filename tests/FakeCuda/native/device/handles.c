/* Streams, events and the handles of cuBLAS. Numbers are given out once, so that a destroyed one is known to be none. */
#include "../fakecuda.h"
#include <stdlib.h>

static struct {
    enum fake_handle_kind kind;
    struct fake_blas blas;
} *handles;
static size_t handle_count, handle_capacity;

/* Handles are multiples of this: neither null nor the two constants for streams that always exist. */
enum { STEP = 0x1000 };

static int64_t *alive(enum fake_handle_kind kind)
{
    static int64_t descriptions;
    switch (kind) {
    case FAKE_STREAM: return &fake_counters.streams;
    case FAKE_EVENT: return &fake_counters.events;
    case FAKE_BLAS: return &fake_counters.blas_handles;
    case FAKE_BLAS_LT: return &fake_counters.blas_lt_handles;
    default: return &descriptions;
    }
}

int fake_new_handle(enum fake_handle_kind kind, void **handle)
{
    if (!handle) {
        return FAKE_INVALID_VALUE;
    }
    if (handle_count == handle_capacity) {
        handle_capacity = handle_capacity ? 2 * handle_capacity : 64;
        handles = realloc(handles, handle_capacity * sizeof *handles);
    }
    handles[handle_count].kind = kind;
    handles[handle_count].blas = (struct fake_blas){0};
    *handle = (void *)(++handle_count * STEP);
    *alive(kind) += 1;
    fake_trace("  handle %p", *handle);
    return FAKE_SUCCESS;
}

bool fake_is_handle(enum fake_handle_kind kind, const void *handle)
{
    uintptr_t number = (uintptr_t)handle;
    return number && number % STEP == 0 && number / STEP <= handle_count && handles[number / STEP - 1].kind == kind;
}

int fake_delete_handle(enum fake_handle_kind kind, void *handle)
{
    if (!fake_is_handle(kind, handle)) {
        return FAKE_INVALID_HANDLE;
    }
    handles[(uintptr_t)handle / STEP - 1].kind = FAKE_NO_HANDLE;
    *alive(kind) -= 1;
    return FAKE_SUCCESS;
}

struct fake_blas *fake_blas_of(const void *handle)
{
    return fake_is_handle(FAKE_BLAS, handle) ? &handles[(uintptr_t)handle / STEP - 1].blas : NULL;
}

/* Null is the legacy stream, as is 1; 2 is the thread's own. */
bool fake_is_stream(const void *stream)
{
    return (uintptr_t)stream <= 2 || fake_is_handle(FAKE_STREAM, stream);
}

void fake_run_blas(const char *function, bool is_gemm, void *stream)
{
    *(is_gemm ? &fake_counters.gemms : &fake_counters.launches) += 1;
    fake_count_name(fake_name(is_gemm ? FAKE_GEMM : FAKE_KERNEL, function, false));
    fake_count_stream(stream);
    fake_trace("  %s, stream %p", function, stream);
}
