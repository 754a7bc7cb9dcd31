/* What the device is, and what is wrong with it: by environment variables, and by calls of tests. */
#include "../fakecuda.h"
#include <stdlib.h>

static struct fake_faults faults;

static int64_t from_environment(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

/* One GPU with compute capability 9.0, 80 GiB, and a driver of CUDA 13; no error is remembered for cudaGetLastError. */
void fakecuda_restore_faults(void)
{
    fake_lock();
    fake_last_error(true);
    faults.devices = from_environment("FAKECUDA_DEVICES", 1);
    faults.driver_version = from_environment("FAKECUDA_DRIVER", 13000);
    faults.compute_capability = from_environment("FAKECUDA_SM", 90);
    faults.memory = from_environment("FAKECUDA_MEMORY", (int64_t)80 << 30);
    faults.moves_bytes = from_environment("FAKECUDA_MOVES_BYTES", 1);
    fake_unlock();
}

__attribute__((constructor)) static void start(void)
{
    fakecuda_restore_faults();
}

const struct fake_faults *fake_faults(void)
{
    return &faults;
}

static void set(int64_t *fault, int64_t value)
{
    fake_lock();
    *fault = value;
    fake_unlock();
}

void fakecuda_set_devices(int64_t count)
{
    set(&faults.devices, count);
}

void fakecuda_set_driver_version(int64_t version)
{
    set(&faults.driver_version, version);
}

void fakecuda_set_compute_capability(int64_t major_and_minor)
{
    set(&faults.compute_capability, major_and_minor);
}

void fakecuda_set_memory(int64_t bytes)
{
    set(&faults.memory, bytes);
}

/* 0: copies and memsets check and count, but move nothing; what comes to the host is zeros. */
void fakecuda_set_moves_bytes(int64_t moves)
{
    set(&faults.moves_bytes, moves);
}

/* Numbers of cudaDeviceAttr, which are CUdevice_attribute's. Sizes are an H100's. */
int fake_attribute(int attribute, int *value)
{
    switch (attribute) {
    case 1: *value = 1024; break;             /* threads of a block */
    case 2: case 3: *value = 1024; break;     /* block, x and y */
    case 4: *value = 64; break;               /* block, z */
    case 5: *value = 2147483647; break;       /* grid, x */
    case 6: case 7: *value = 65535; break;    /* grid, y and z */
    case 8: *value = 48 << 10; break;         /* shared memory of a block */
    case 9: *value = 64 << 10; break;         /* constant memory */
    case 10: *value = 32; break;              /* warp */
    case 12: case 82: *value = 65536; break;  /* registers of a block, of a multiprocessor */
    case 16: *value = 132; break;             /* multiprocessors */
    case 18: *value = 0; break;               /* integrated */
    case 38: *value = 50 << 20; break;        /* L2 cache */
    case 39: *value = 2048; break;            /* threads of a multiprocessor */
    case 41: *value = 1; break;               /* unified addressing */
    case 75: *value = (int)faults.compute_capability / 10; break;
    case 76: *value = (int)faults.compute_capability % 10; break;
    case 81: *value = 228 << 10; break;       /* shared memory of a multiprocessor */
    case 88: *value = 0; break;               /* pageable memory access */
    case 95: *value = 1; break;               /* cooperative launches */
    case 97: *value = 227 << 10; break;       /* shared memory of a block that asks for more */
    case 99: *value = 1; break;               /* cudaHostRegister */
    case 102: *value = 1; break;              /* virtual memory management */
    case 106: *value = 32; break;             /* blocks of a multiprocessor */
    case 111: *value = 1 << 10; break;        /* reserved shared memory of a block */
    case 115: *value = 0; break;              /* memory pools */
    default: *value = 0; break;
    }
    return FAKE_SUCCESS;
}
