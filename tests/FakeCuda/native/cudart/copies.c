/* Copies and memsets. */
#include "../fakecuda.h"

static int copy(const char *function, struct fake_copy request, bool blocks)
{
    int error = fake_enter();
    if (!error) {
        error = fake_copy(&request);
        fake_counters.blocking_copies += blocks;
    }
    return fake_leave(function, error);
}

int cudaMemcpy(void *to, const void *from, size_t bytes, int direction)
{
    return copy("cudaMemcpy", (struct fake_copy){to, from, bytes, bytes, bytes, 1, direction, NULL}, true);
}

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int direction, void *stream)
{
    return copy("cudaMemcpyAsync", (struct fake_copy){to, from, bytes, bytes, bytes, 1, direction, stream}, false);
}

int cudaMemcpy2DAsync(
    void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows, int direction, void *stream)
{
    return copy("cudaMemcpy2DAsync", (struct fake_copy){to, from, to_pitch, from_pitch, width, rows, direction, stream}, false);
}

int cudaMemset(void *to, int value, size_t bytes)
{
    int error = fake_enter();
    return fake_leave("cudaMemset", error ? error : fake_set(to, value, bytes, NULL));
}

int cudaMemsetAsync(void *to, int value, size_t bytes, void *stream)
{
    int error = fake_enter();
    return fake_leave("cudaMemsetAsync", error ? error : fake_set(to, value, bytes, stream));
}
