/* What tests read: counters, names of calls and kernels with their numbers, and a trace. */
#include "../fakecuda.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fakecuda_counters fake_counters;

static struct {
    enum fake_name_kind kind;
    const char *name;
    int64_t count;
} *names;
static size_t name_count, name_capacity;

static bool is_stream_declared;
static void *allowed_stream;

size_t fake_name(enum fake_name_kind kind, const char *name, bool always_new)
{
    for (size_t i = 0; !always_new && i < name_count; i++) {
        if (names[i].kind == kind && strcmp(names[i].name, name) == 0) {
            return i;
        }
    }
    if (name_count == name_capacity) {
        name_capacity = name_capacity ? 2 * name_capacity : 256;
        names = realloc(names, name_capacity * sizeof *names);
    }
    names[name_count].kind = kind;
    names[name_count].name = name;
    names[name_count].count = 0;
    return name_count++;
}

void fake_count_name(size_t index)
{
    names[index].count++;
}

void fake_count_stream(void *stream)
{
    if (is_stream_declared && stream != allowed_stream) {
        fake_counters.foreign_stream_operations++;
    }
}

void fake_trace(const char *format, ...)
{
    static FILE *file;
    static bool is_opened;
    if (!is_opened) {
        is_opened = true;
        const char *path = getenv("FAKECUDA_TRACE");
        file = path ? fopen(path, "w") : NULL;
    }
    if (file) {
        va_list arguments;
        va_start(arguments, format);
        vfprintf(file, format, arguments);
        va_end(arguments);
        fputc('\n', file);
        fflush(file);
    }
}

void fakecuda_read(struct fakecuda_counters *counters)
{
    fake_lock();
    *counters = fake_counters;
    fake_unlock();
}

void fakecuda_reset(void)
{
    fake_lock();
    struct fakecuda_counters now = {
        .blas_handles = fake_counters.blas_handles,
        .blas_lt_handles = fake_counters.blas_lt_handles,
        .streams = fake_counters.streams,
        .events = fake_counters.events,
        .used_bytes = fake_counters.used_bytes,
        .peak_bytes = fake_counters.used_bytes,
    };
    fake_counters = now;
    for (size_t i = 0; i < name_count; i++) {
        names[i].count = 0;
    }
    fake_unlock();
}

/* Operations on any other stream count as foreign from now on. */
void fakecuda_allow_stream(void *stream)
{
    fake_lock();
    is_stream_declared = true;
    allowed_stream = stream;
    fake_unlock();
}

void fakecuda_allow_every_stream(void)
{
    fake_lock();
    is_stream_declared = false;
    fake_unlock();
}

/* The names one by one; false after the last. A kernel's may come more than once. */
bool fakecuda_name(int64_t index, const char **name, int32_t *kind, int64_t *count)
{
    fake_lock();
    bool exists = index >= 0 && (size_t)index < name_count;
    if (exists) {
        *name = names[index].name;
        *kind = (int32_t)names[index].kind;
        *count = names[index].count;
    }
    fake_unlock();
    return exists;
}
