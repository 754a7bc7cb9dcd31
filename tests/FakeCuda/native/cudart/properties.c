/* The device and its properties, versions, errors. */
#define _GNU_SOURCE
#include "../fakecuda.h"
#include <dlfcn.h>
#include <string.h>

int cudaGetDeviceCount(int *count)
{
    *count = 0;
    int error = fake_enter();
    if (!error) {
        *count = (int)fake_faults()->devices;
    }
    return fake_leave("cudaGetDeviceCount", error);
}

int cudaGetDevice(int *device)
{
    *device = 0;
    return fake_leave("cudaGetDevice", fake_enter());
}

/* All devices are one: memory, streams and counters are not told apart by device. */
int cudaSetDevice(int device)
{
    int error = fake_enter();
    return fake_leave("cudaSetDevice", error ? error : device < 0 || device >= fake_faults()->devices ? FAKE_INVALID_DEVICE : error);
}

int cudaDeviceGetAttribute(int *value, int attribute, int device)
{
    (void)device;
    int error = fake_enter();
    return fake_leave("cudaDeviceGetAttribute", error ? error : fake_attribute(attribute, value));
}

/* cudaDeviceProp as CUDA 13 has it; what stays zero goes by the number of ints. */
struct device_properties {
    char name[256];
    char identifiers[24];
    unsigned node_mask;
    size_t memory;
    size_t shared_memory_of_block;
    int registers_of_block;
    int warp;
    size_t most_pitch;
    int threads_of_block;
    int block[3];
    int grid[3];
    size_t constant_memory;
    int major, minor;
    size_t texture_alignment, texture_pitch_alignment;
    int multiprocessors;
    int is_integrated;
    int maps_host_memory;
    int texture_and_surface_limits[39];
    size_t surface_alignment;
    int concurrent_kernels;
    int corrects_errors, bus, device, domain, is_tcc;
    int copy_engines;
    int unified_addressing;
    int bus_width;
    int l2_cache, persisting_l2_cache;
    int threads_of_multiprocessor;
    int stream_priorities, caches_globals, caches_locals;
    size_t shared_memory_of_multiprocessor;
    int registers_of_multiprocessor;
    int managed_memory, is_multi_board, multi_board_group, host_atomics, pageable_access, concurrent_managed_access, preemption,
        uses_host_pointers;
    int cooperative_launches;
    size_t most_shared_memory_of_block;
    int uses_host_page_tables, direct_managed_access;
    int blocks_of_multiprocessor;
    int access_policy_window;
    size_t reserved_shared_memory_of_block;
    int others[20 + 56];
};

/* Where the provider's compiler put the last field that is not one of the others; from CUDA 13's driver_types.h. */
_Static_assert(offsetof(struct device_properties, major) == 360, "cudaDeviceProp.major");
_Static_assert(offsetof(struct device_properties, reserved_shared_memory_of_block) == 696, "cudaDeviceProp.reservedSharedMemPerBlock");

static int attribute(int number)
{
    int value;
    fake_attribute(number, &value);
    return value;
}

int cudaGetDeviceProperties(struct device_properties *properties, int device)
{
    (void)device;
    int error = fake_enter();
    if (!error) {
        memset(properties, 0, sizeof *properties);
        strcpy(properties->name, "FakeCuda");
        properties->memory = (size_t)fake_faults()->memory;
        properties->shared_memory_of_block = (size_t)attribute(8);
        properties->registers_of_block = attribute(12);
        properties->warp = attribute(10);
        properties->most_pitch = 2147483647;
        properties->threads_of_block = attribute(1);
        for (int i = 0; i < 3; i++) {
            properties->block[i] = attribute(2 + i);
            properties->grid[i] = attribute(5 + i);
        }
        properties->constant_memory = (size_t)attribute(9);
        properties->major = attribute(75);
        properties->minor = attribute(76);
        properties->texture_alignment = properties->surface_alignment = 512;
        properties->texture_pitch_alignment = 32;
        properties->multiprocessors = attribute(16);
        properties->maps_host_memory = properties->concurrent_kernels = properties->unified_addressing = 1;
        properties->copy_engines = 3;
        properties->l2_cache = attribute(38);
        properties->threads_of_multiprocessor = attribute(39);
        properties->shared_memory_of_multiprocessor = (size_t)attribute(81);
        properties->registers_of_multiprocessor = attribute(82);
        properties->cooperative_launches = attribute(95);
        properties->most_shared_memory_of_block = (size_t)attribute(97);
        properties->blocks_of_multiprocessor = attribute(106);
        properties->reserved_shared_memory_of_block = (size_t)attribute(111);
    }
    return fake_leave("cudaGetDeviceProperties", error);
}

int cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return FAKE_SUCCESS;
}

/* Also with a driver that is too old. */
int cudaDriverGetVersion(int *version)
{
    *version = (int)fake_faults()->driver_version;
    return FAKE_SUCCESS;
}

const char *cudaGetErrorName(int error)
{
    return fake_error_name(error);
}

const char *cudaGetErrorString(int error)
{
    return fake_error_text(error);
}

int cudaGetLastError(void)
{
    return fake_last_error(true);
}

int cudaPeekAtLastError(void)
{
    return fake_last_error(false);
}

/* A function of the driver by its name. */
int cudaGetDriverEntryPointByVersion(const char *name, void **function, unsigned version, unsigned long long flags, int *status)
{
    (void)version, (void)flags;
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    *function = driver ? dlsym(driver, name) : NULL;
    if (driver) {
        dlclose(driver);
    }
    if (status) {
        *status = *function ? 0 : 1;
    }
    return FAKE_SUCCESS;
}
