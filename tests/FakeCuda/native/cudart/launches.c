/* Kernels: the provider registers them when it is loaded; a launch counts one and runs nothing. */
#include "../fakecuda.h"
#include <stdlib.h>
#include <string.h>

struct size {
    unsigned x, y, z;
};

struct launch {
    struct size grid, block;
    size_t shared_bytes;
    void *stream;
};

/* The registered kernels by the host's function that stands for them: a table with open addresses, never more than half full. */
static struct kernel {
    const void *function;
    const char *name;
    size_t name_index;
    bool is_named;
} *kernels;
static size_t kernel_count, kernel_capacity;

static struct kernel *find(const void *function)
{
    size_t index = ((uintptr_t)function >> 4) * 0x9E3779B97F4A7C15u % kernel_capacity;
    while (kernels[index].function && kernels[index].function != function) {
        index = (index + 1) % kernel_capacity;
    }
    return &kernels[index];
}

static void grow(void)
{
    struct kernel *old = kernels;
    size_t old_capacity = kernel_capacity;
    kernel_capacity = old_capacity ? 2 * old_capacity : 4096;
    kernels = calloc(kernel_capacity, sizeof *kernels);
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].function) {
            *find(old[i].function) = old[i];
        }
    }
    free(old);
}

void **__cudaRegisterFatBinary(void *code)
{
    static void *handle;
    (void)code;
    return &handle;
}

void __cudaRegisterFatBinaryEnd(void **handle)
{
    (void)handle;
}

void __cudaUnregisterFatBinary(void **handle)
{
    (void)handle;
}

void __cudaRegisterVar(
    void **handle, char *host, char *address, const char *name, int is_external, size_t bytes, int is_constant, int is_global)
{
    (void)handle, (void)host, (void)address, (void)name, (void)is_external, (void)bytes, (void)is_constant, (void)is_global;
}

/* Before there is any device, by the loader: no entry as the other functions have it. */
void __cudaRegisterFunction(void **handle, const char *function, char *host_name, const char *name, int thread_limit, void *thread_id,
    void *block_id, void *block_size, void *grid_size, int *warp_size)
{
    (void)handle, (void)host_name, (void)thread_limit, (void)thread_id, (void)block_id, (void)block_size, (void)grid_size, (void)warp_size;
    fake_lock();
    if (2 * kernel_count >= kernel_capacity) {
        grow();
    }
    struct kernel *kernel = find(function);
    kernel_count += kernel->function == NULL;
    *kernel = (struct kernel){.function = function, .name = name};
    fake_unlock();
}

/* What <<<...>>> does: the sizes are pushed, and a function that the compiler wrote pops and launches. */
static _Thread_local struct launch pushed;

unsigned __cudaPushCallConfiguration(struct size grid, struct size block, size_t shared_bytes, void *stream)
{
    pushed = (struct launch){grid, block, shared_bytes, stream};
    return FAKE_SUCCESS;
}

int __cudaPopCallConfiguration(struct size *grid, struct size *block, size_t *shared_bytes, void **stream)
{
    *grid = pushed.grid;
    *block = pushed.block;
    *shared_bytes = pushed.shared_bytes;
    *stream = pushed.stream;
    return FAKE_SUCCESS;
}

int __cudaGetKernel(const void **kernel, const void *function)
{
    *kernel = function;
    return FAKE_SUCCESS;
}

static bool is_empty(struct size size)
{
    return size.x == 0 || size.y == 0 || size.z == 0;
}

static int launch(const char *call, const void *function, struct launch launch)
{
    enum { MOST_THREADS = 1024 };
    int error = fake_enter();
    struct kernel *kernel = kernel_capacity ? find(function) : NULL;
    if (error) {
    } else if (!kernel || !kernel->function) {
        error = FAKE_INVALID_FUNCTION;
    } else if (!fake_is_stream(launch.stream)) {
        error = FAKE_INVALID_HANDLE;
    } else if (is_empty(launch.grid) || is_empty(launch.block)
        || (uint64_t)launch.block.x * launch.block.y * launch.block.z > MOST_THREADS) {
        error = FAKE_INVALID_CONFIGURATION;
    } else {
        if (!kernel->is_named) {
            kernel->name_index = fake_name(FAKE_KERNEL, kernel->name, true);
            kernel->is_named = true;
        }
        fake_count_name(kernel->name_index);
        fake_counters.launches++;
        fake_count_stream(launch.stream);
        fake_trace("  %s, stream %p", kernel->name, launch.stream);
    }
    return fake_leave(call, error);
}

int cudaLaunchKernel(const void *function, struct size grid, struct size block, void **arguments, size_t shared_bytes, void *stream)
{
    (void)arguments;
    return launch("cudaLaunchKernel", function, (struct launch){grid, block, shared_bytes, stream});
}

int __cudaLaunchKernel(const void *function, struct size grid, struct size block, void **arguments, size_t shared_bytes, void *stream)
{
    (void)arguments;
    return launch("__cudaLaunchKernel", function, (struct launch){grid, block, shared_bytes, stream});
}

int cudaLaunchCooperativeKernel(
    const void *function, struct size grid, struct size block, void **arguments, size_t shared_bytes, void *stream)
{
    (void)arguments;
    return launch("cudaLaunchCooperativeKernel", function, (struct launch){grid, block, shared_bytes, stream});
}

/* cudaLaunchConfig_t begins with a launch. */
int cudaLaunchKernelExC(const struct launch *configuration, const void *function, void **arguments)
{
    (void)arguments;
    return launch("cudaLaunchKernelExC", function, *configuration);
}

struct function_attributes {
    size_t shared_bytes, constant_bytes, local_bytes;
    int most_threads, registers, ptx_version, binary_version, cache_mode, most_dynamic_shared_bytes;
    int others[24];
};

int cudaFuncGetAttributes(struct function_attributes *attributes, const void *function)
{
    (void)function;
    int error = fake_enter();
    if (!error) {
        memset(attributes, 0, sizeof *attributes);
        attributes->most_threads = 1024;
        attributes->registers = 32;
        attributes->ptx_version = attributes->binary_version = (int)fake_faults()->compute_capability;
        attributes->most_dynamic_shared_bytes = 48 << 10;
    }
    return fake_leave("cudaFuncGetAttributes", error);
}

int cudaFuncSetAttribute(const void *function, int attribute, int value)
{
    (void)function, (void)attribute, (void)value;
    return fake_leave("cudaFuncSetAttribute", fake_enter());
}

int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int *blocks, const void *function, int threads, size_t shared_bytes, unsigned flags)
{
    (void)function, (void)threads, (void)shared_bytes, (void)flags;
    *blocks = 2;
    return fake_leave("cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", fake_enter());
}
