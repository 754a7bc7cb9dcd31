/* The driver: the device, its context, and virtual memory. */
#include "../fakecuda.h"

int cuInit(unsigned flags)
{
    (void)flags;
    int error = fake_enter_driver();
    if (error == FAKE_NOT_INITIALIZED) {
        fake_initialize_driver();
        error = FAKE_SUCCESS;
    }
    return fake_leave("cuInit", error);
}

int cuDriverGetVersion(int *version)
{
    *version = (int)fake_faults()->driver_version;
    return FAKE_SUCCESS;
}

int cuDeviceGetCount(int *count)
{
    int error = fake_enter_driver();
    *count = error ? 0 : (int)fake_faults()->devices;
    return fake_leave("cuDeviceGetCount", error);
}

int cuDeviceGet(int *device, int ordinal)
{
    int error = fake_enter_driver();
    if (!error && (ordinal < 0 || ordinal >= fake_faults()->devices)) {
        error = FAKE_INVALID_DEVICE;
    }
    if (!error) {
        *device = ordinal;
    }
    return fake_leave("cuDeviceGet", error);
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    (void)device;
    int error = fake_enter_driver();
    return fake_leave("cuDeviceGetAttribute", error ? error : fake_attribute(attribute, value));
}

/* Threads that called the runtime have the device's primary context, all others none. */
int cuCtxGetCurrent(void **context)
{
    static char primary;
    int error = fake_enter_driver();
    if (!error) {
        *context = fake_has_context() ? &primary : NULL;
    }
    return fake_leave("cuCtxGetCurrent", error);
}

int cuGetErrorString(int error, const char **text)
{
    *text = fake_error_text(error);
    return FAKE_SUCCESS;
}

int cuGetErrorName(int error, const char **name)
{
    *name = fake_error_name(error);
    return FAKE_SUCCESS;
}

/* Only kernels that are never run use the descriptions that it encodes. */
int cuTensorMapEncodeTiled(void)
{
    fake_enter_driver();
    return fake_leave("cuTensorMapEncodeTiled", FAKE_SUCCESS);
}
