/* Memory of the device, and pinned memory of the host. */
#include "../fakecuda.h"
#include <stdlib.h>
#include <string.h>

int cudaMalloc(void **address, size_t bytes)
{
    int error = fake_enter();
    return fake_leave("cudaMalloc", error ? error : fake_allocate(bytes, address));
}

int cudaFree(void *address)
{
    int error = fake_enter();
    return fake_leave("cudaFree", error ? error : fake_free(address));
}

int cudaMemGetInfo(size_t *available, size_t *total)
{
    int error = fake_enter();
    if (!error) {
        *total = (size_t)fake_faults()->memory;
        *available = (size_t)(fake_faults()->memory - fake_counters.used_bytes);
    }
    return fake_leave("cudaMemGetInfo", error);
}

static int allocate_pinned(void **address, size_t bytes)
{
    enum { ALIGNMENT = 4096 };
    *address = NULL;
    if (bytes == 0) {
        return FAKE_SUCCESS;
    }
    *address = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return *address ? fake_pin(*address, bytes) : FAKE_OUT_OF_MEMORY;
}

int cudaHostAlloc(void **address, size_t bytes, unsigned flags)
{
    (void)flags;
    int error = fake_enter();
    return fake_leave("cudaHostAlloc", error ? error : allocate_pinned(address, bytes));
}

int cudaMallocHost(void **address, size_t bytes)
{
    int error = fake_enter();
    return fake_leave("cudaMallocHost", error ? error : allocate_pinned(address, bytes));
}

int cudaFreeHost(void *address)
{
    int error = fake_enter();
    if (!error && address) {
        error = fake_unpin(address) ? FAKE_INVALID_VALUE : FAKE_SUCCESS;
        if (!error) {
            free(address);
        }
    }
    return fake_leave("cudaFreeHost", error);
}

int cudaHostRegister(void *address, size_t bytes, unsigned flags)
{
    (void)flags;
    int error = fake_enter();
    return fake_leave("cudaHostRegister", error ? error : fake_pin(address, bytes));
}

int cudaHostUnregister(void *address)
{
    int error = fake_enter();
    return fake_leave("cudaHostUnregister", error ? error : fake_unpin(address));
}

struct pointer_attributes {
    int kind; /* 0 unregistered, 1 host, 2 device */
    int device;
    const void *device_address, *host_address;
    long reserved[8];
};

int cudaPointerGetAttributes(struct pointer_attributes *attributes, const void *address)
{
    int error = fake_enter();
    if (!error) {
        memset(attributes, 0, sizeof *attributes);
        if (fake_is_device_address(address)) {
            attributes->kind = 2;
            attributes->device_address = address;
        } else if (fake_is_pinned(address, 1)) {
            attributes->kind = 1;
            attributes->device_address = attributes->host_address = address;
        }
    }
    return fake_leave("cudaPointerGetAttributes", error);
}
