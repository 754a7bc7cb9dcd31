/* One lock for everything; every function of every library enters and leaves here. */
#include "../fakecuda.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_driver_initialized;
static _Thread_local bool has_context;
static _Thread_local int last_error;

/* The runtime of CUDA 13 wants a driver of CUDA 13. */
enum { RUNTIME_VERSION = 13000 };

void fake_lock(void)
{
    pthread_mutex_lock(&lock);
}

void fake_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

int fake_enter(void)
{
    fake_lock();
    if (fake_faults()->driver_version < RUNTIME_VERSION) {
        return FAKE_INSUFFICIENT_DRIVER;
    }
    if (fake_faults()->devices == 0) {
        return FAKE_NO_DEVICE;
    }
    is_driver_initialized = true;
    has_context = true;
    return FAKE_SUCCESS;
}

int fake_enter_driver(void)
{
    fake_lock();
    return fake_faults()->devices == 0 ? FAKE_NO_DEVICE : is_driver_initialized ? FAKE_SUCCESS : FAKE_NOT_INITIALIZED;
}

/* cuMemCreate and its like. */
static bool is_of_driver(const char *function)
{
    return function[0] == 'c' && function[1] == 'u' && function[2] >= 'A' && function[2] <= 'Z';
}

int fake_leave(const char *function, int error)
{
    fake_count_name(fake_name(FAKE_CALL, function, false));
    fake_trace("%s: %s", function, error ? fake_error_name(error) : "done");
    if (error != FAKE_SUCCESS) {
        fake_counters.failures++;
        if (!is_of_driver(function)) {
            last_error = error;
        }
    }
    fake_unlock();
    return error;
}

int fake_last_error(bool forget)
{
    int error = last_error;
    if (forget) {
        last_error = FAKE_SUCCESS;
    }
    return error;
}

bool fake_has_context(void)
{
    return has_context;
}

void fake_initialize_driver(void)
{
    is_driver_initialized = true;
}

static const struct {
    int error;
    const char *name, *text;
} errors[] = {
    {FAKE_SUCCESS, "cudaSuccess", "no error"},
    {FAKE_INVALID_VALUE, "cudaErrorInvalidValue", "invalid argument"},
    {FAKE_OUT_OF_MEMORY, "cudaErrorMemoryAllocation", "out of memory"},
    {FAKE_NOT_INITIALIZED, "cudaErrorInitializationError", "initialization error"},
    {FAKE_INVALID_CONFIGURATION, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {FAKE_INVALID_DIRECTION, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {FAKE_INSUFFICIENT_DRIVER, "cudaErrorInsufficientDriver", "CUDA driver version is insufficient for CUDA runtime version"},
    {FAKE_INVALID_FUNCTION, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {FAKE_NO_DEVICE, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {FAKE_INVALID_DEVICE, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {FAKE_INVALID_HANDLE, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {FAKE_ILLEGAL_ADDRESS, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {FAKE_ALREADY_REGISTERED, "cudaErrorHostMemoryAlreadyRegistered", "part or all of the requested memory range is already mapped"},
    {FAKE_NOT_REGISTERED, "cudaErrorHostMemoryNotRegistered", "pointer does not correspond to a registered memory region"},
    {FAKE_NOT_SUPPORTED, "cudaErrorNotSupported", "operation not supported"},
};

const char *fake_error_name(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            return errors[i].name;
        }
    }
    return "cudaErrorUnknown";
}

const char *fake_error_text(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            return errors[i].text;
        }
    }
    return "unrecognized error code";
}
