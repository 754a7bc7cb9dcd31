/* Copies and memsets: real ones, between real bytes, finished when the call returns. */
#include "../fakecuda.h"
#include <string.h>

static const char *const direction_names[] = {"host to host", "host to device", "device to host", "device to device"};

/* From the first byte to the last one, gaps between rows included. */
static size_t span(size_t pitch, size_t width, size_t rows)
{
    return (rows - 1) * pitch + width;
}

static void count(enum fake_direction direction, const struct fake_copy *copy)
{
    int64_t bytes = (int64_t)(copy->width * copy->rows);
    const void *host = NULL;
    size_t host_bytes = 0;
    switch (direction) {
    case FAKE_HOST_TO_DEVICE:
        fake_counters.uploads++;
        fake_counters.upload_bytes += bytes;
        host = copy->from;
        host_bytes = span(copy->from_pitch, copy->width, copy->rows);
        break;
    case FAKE_DEVICE_TO_HOST:
        fake_counters.downloads++;
        fake_counters.download_bytes += bytes;
        host = copy->to;
        host_bytes = span(copy->to_pitch, copy->width, copy->rows);
        break;
    case FAKE_DEVICE_TO_DEVICE:
        if (copy->to == copy->from) {
            fake_counters.self_copies++;
            fake_counters.self_copy_bytes += bytes;
        } else {
            fake_counters.device_copies++;
            fake_counters.device_copy_bytes += bytes;
        }
        break;
    default:
        break;
    }
    bool is_pinned = host && fake_is_pinned(host, host_bytes);
    if (host) {
        *(is_pinned ? &fake_counters.pinned_copies : &fake_counters.pageable_copies) += 1;
    }
    fake_count_stream(copy->stream);
    fake_trace("  %s, %lld bytes%s, stream %p", direction_names[direction], (long long)bytes,
        !host ? "" : is_pinned ? ", pinned" : ", pageable", copy->stream);
}

static void move_rows(const struct fake_copy *copy, enum fake_direction direction)
{
    bool moves = fake_faults()->moves_bytes || direction == FAKE_HOST_TO_HOST;
    for (size_t row = 0; row < copy->rows; row++) {
        char *to = (char *)copy->to + row * copy->to_pitch;
        if (moves) {
            memmove(to, (const char *)copy->from + row * copy->from_pitch, copy->width);
        } else if (direction == FAKE_DEVICE_TO_HOST) {
            memset(to, 0, copy->width);
        }
    }
}

int fake_copy(const struct fake_copy *copy)
{
    /* CUDA looks at nothing else either: the provider copies empty tensors, which have no address. */
    if (copy->width == 0 || copy->rows == 0) {
        return FAKE_SUCCESS;
    }
    bool from_device = fake_is_device_address(copy->from), to_device = fake_is_device_address(copy->to);
    enum fake_direction direction = from_device ? (to_device ? FAKE_DEVICE_TO_DEVICE : FAKE_DEVICE_TO_HOST)
                                                : (to_device ? FAKE_HOST_TO_DEVICE : FAKE_HOST_TO_HOST);
    if (copy->direction != FAKE_ANY_DIRECTION && copy->direction != (int)direction) {
        return FAKE_INVALID_DIRECTION;
    }
    if (!fake_is_stream(copy->stream)) {
        return FAKE_INVALID_HANDLE;
    }
    if (!copy->to || !copy->from || (copy->rows > 1 && (copy->to_pitch < copy->width || copy->from_pitch < copy->width))) {
        return FAKE_INVALID_VALUE;
    }

    size_t to_bytes = span(copy->to_pitch, copy->width, copy->rows), from_bytes = span(copy->from_pitch, copy->width, copy->rows);
    int error = from_device ? fake_open(copy->from, from_bytes) : FAKE_SUCCESS;
    if (error == FAKE_SUCCESS) {
        error = to_device ? fake_open(copy->to, to_bytes) : FAKE_SUCCESS;
        if (error == FAKE_SUCCESS) {
            count(direction, copy);
            move_rows(copy, direction);
            if (to_device) {
                fake_close(copy->to, to_bytes);
            }
        }
        if (from_device) {
            fake_close(copy->from, from_bytes);
        }
    }
    return error;
}

int fake_set(void *to, int value, size_t bytes, void *stream)
{
    if (!fake_is_stream(stream)) {
        return FAKE_INVALID_HANDLE;
    }
    if (bytes == 0) {
        return FAKE_SUCCESS;
    }
    int error = fake_is_device_address(to) ? fake_open(to, bytes) : FAKE_INVALID_VALUE;
    if (error != FAKE_SUCCESS) {
        return error;
    }
    if (fake_faults()->moves_bytes) {
        memset(to, value, bytes);
    }
    fake_close(to, bytes);
    fake_counters.memsets++;
    fake_counters.memset_bytes += (int64_t)bytes;
    fake_count_stream(stream);
    fake_trace("  %zu bytes, stream %p", bytes, stream);
    return FAKE_SUCCESS;
}
