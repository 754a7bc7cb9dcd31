/* Streams and events. All work is done when its call returns, so there is never anything to wait for; waits are counted. */
#include "../fakecuda.h"

static int new_handle(const char *function, enum fake_handle_kind kind, void **handle)
{
    int error = fake_enter();
    return fake_leave(function, error ? error : fake_new_handle(kind, handle));
}

static int delete_handle(const char *function, enum fake_handle_kind kind, void *handle)
{
    int error = fake_enter();
    return fake_leave(function, error ? error : fake_delete_handle(kind, handle));
}

/* A call about a stream and an event, either of which may be left out. */
static int use(const char *function, const void *stream, const void *event, int64_t *counter)
{
    int error = fake_enter();
    if (!error && (!fake_is_stream(stream) || (event && !fake_is_handle(FAKE_EVENT, event)))) {
        error = FAKE_INVALID_HANDLE;
    }
    if (!error && counter) {
        ++*counter;
    }
    return fake_leave(function, error);
}

int cudaStreamCreate(void **stream)
{
    return new_handle("cudaStreamCreate", FAKE_STREAM, stream);
}

int cudaStreamCreateWithFlags(void **stream, unsigned flags)
{
    (void)flags;
    return new_handle("cudaStreamCreateWithFlags", FAKE_STREAM, stream);
}

int cudaStreamDestroy(void *stream)
{
    return delete_handle("cudaStreamDestroy", FAKE_STREAM, stream);
}

int cudaStreamSynchronize(void *stream)
{
    return use("cudaStreamSynchronize", stream, NULL, &fake_counters.stream_syncs);
}

int cudaStreamQuery(void *stream)
{
    return use("cudaStreamQuery", stream, NULL, NULL);
}

int cudaStreamWaitEvent(void *stream, void *event, unsigned flags)
{
    (void)flags;
    return use("cudaStreamWaitEvent", stream, event ? event : (void *)-1, NULL);
}

int cudaStreamIsCapturing(void *stream, int *status)
{
    *status = 0;
    return use("cudaStreamIsCapturing", stream, NULL, NULL);
}

int cudaDeviceSynchronize(void)
{
    return use("cudaDeviceSynchronize", NULL, NULL, &fake_counters.device_syncs);
}

int cudaEventCreate(void **event)
{
    return new_handle("cudaEventCreate", FAKE_EVENT, event);
}

int cudaEventCreateWithFlags(void **event, unsigned flags)
{
    (void)flags;
    return new_handle("cudaEventCreateWithFlags", FAKE_EVENT, event);
}

int cudaEventDestroy(void *event)
{
    return delete_handle("cudaEventDestroy", FAKE_EVENT, event);
}

int cudaEventRecord(void *event, void *stream)
{
    return use("cudaEventRecord", stream, event ? event : (void *)-1, NULL);
}

int cudaEventRecordWithFlags(void *event, void *stream, unsigned flags)
{
    (void)flags;
    return use("cudaEventRecordWithFlags", stream, event ? event : (void *)-1, NULL);
}

int cudaEventSynchronize(void *event)
{
    return use("cudaEventSynchronize", NULL, event ? event : (void *)-1, &fake_counters.event_syncs);
}

int cudaEventQuery(void *event)
{
    return use("cudaEventQuery", NULL, event ? event : (void *)-1, NULL);
}

int cudaEventElapsedTime(float *milliseconds, void *from, void *to)
{
    *milliseconds = 0;
    int error = use("cudaEventElapsedTime", NULL, from ? from : (void *)-1, NULL);
    return error ? error : use("cudaEventElapsedTime", NULL, to ? to : (void *)-1, NULL);
}

/* The work before it is done; the function itself may call the runtime. */
int cudaLaunchHostFunc(void *stream, void (*function)(void *), void *argument)
{
    int error = use("cudaLaunchHostFunc", stream, NULL, NULL);
    if (!error) {
        function(argument);
    }
    return error;
}
