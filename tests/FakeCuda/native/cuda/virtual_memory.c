/* Virtual memory: addresses are reserved, memory is created, and the one is mapped to the other. */
#include "../fakecuda.h"

struct location {
    int kind; /* 1: a device */
    int number;
};

/* CUmemAllocationProp */
struct allocation_properties {
    int kind; /* 1: pinned, the only one */
    int requested_handles;
    struct location location;
    void *windows_data;
    unsigned char flags[8];
};

/* CUmemAccessDesc */
struct access_description {
    struct location location;
    int access; /* 0: none; 1: reads; 3: reads and writes */
};

static bool is_device(struct location location)
{
    return location.kind == 1 && location.number >= 0 && location.number < fake_faults()->devices;
}

static bool is_device_memory(const struct allocation_properties *properties)
{
    return properties && properties->kind == 1 && is_device(properties->location);
}

int cuMemGetAllocationGranularity(size_t *granularity, const struct allocation_properties *properties, int option)
{
    (void)option;
    int error = fake_enter_driver();
    if (!error && !is_device_memory(properties)) {
        error = FAKE_INVALID_VALUE;
    }
    if (!error) {
        *granularity = FAKE_GRANULARITY;
    }
    return fake_leave("cuMemGetAllocationGranularity", error);
}

int cuMemAddressReserve(void **address, size_t bytes, size_t alignment, void *wish, unsigned long long flags)
{
    (void)wish;
    int error = fake_enter_driver();
    return fake_leave("cuMemAddressReserve", error ? error : flags ? FAKE_INVALID_VALUE : fake_reserve(bytes, alignment, address));
}

int cuMemAddressFree(void *address, size_t bytes)
{
    int error = fake_enter_driver();
    return fake_leave("cuMemAddressFree", error ? error : fake_unreserve(address, bytes));
}

int cuMemCreate(uint64_t *handle, size_t bytes, const struct allocation_properties *properties, unsigned long long flags)
{
    int error = fake_enter_driver();
    if (!error && (flags || !is_device_memory(properties))) {
        error = FAKE_INVALID_VALUE;
    }
    return fake_leave("cuMemCreate", error ? error : fake_create(bytes, handle));
}

int cuMemRelease(uint64_t handle)
{
    int error = fake_enter_driver();
    return fake_leave("cuMemRelease", error ? error : fake_release(handle));
}

int cuMemMap(void *address, size_t bytes, size_t offset, uint64_t handle, unsigned long long flags)
{
    int error = fake_enter_driver();
    return fake_leave("cuMemMap", error ? error : offset || flags ? FAKE_INVALID_VALUE : fake_map(address, bytes, handle));
}

int cuMemUnmap(void *address, size_t bytes)
{
    int error = fake_enter_driver();
    return fake_leave("cuMemUnmap", error ? error : fake_unmap(address, bytes));
}

int cuMemSetAccess(void *address, size_t bytes, const struct access_description *descriptions, size_t count)
{
    int error = fake_enter_driver();
    if (!error && (count != 1 || !descriptions || !is_device(descriptions->location))) {
        error = FAKE_INVALID_VALUE;
    }
    return fake_leave("cuMemSetAccess", error ? error : fake_set_access(address, bytes, descriptions->access == 3));
}
