/* Host memory that is pinned: allocated so, or registered. */
#include "../fakecuda.h"

static struct fake_ranges pinned;

int fake_pin(void *address, size_t bytes)
{
    if (!address || !bytes) {
        return FAKE_INVALID_VALUE;
    }
    if (!fake_range_is_free(&pinned, (uintptr_t)address, bytes)) {
        return FAKE_ALREADY_REGISTERED;
    }
    fake_range_add(&pinned, (uintptr_t)address, bytes);
    fake_counters.pinned_allocations++;
    return FAKE_SUCCESS;
}

int fake_unpin(void *address)
{
    struct fake_range *range = fake_range_at(&pinned, (uintptr_t)address);
    if (!range || range->start != (uintptr_t)address) {
        return FAKE_NOT_REGISTERED;
    }
    fake_range_remove(&pinned, range);
    return FAKE_SUCCESS;
}

bool fake_is_pinned(const void *address, size_t bytes)
{
    struct fake_range *range = fake_range_at(&pinned, (uintptr_t)address);
    return range && bytes <= range->end - (uintptr_t)address;
}
