/* cuBLAS: handles with a stream, and products that count. */
#include "../fakecuda.h"

/* cublasStatus_t */
enum { BLAS_SUCCESS = 0, BLAS_NOT_INITIALIZED = 1, BLAS_INVALID_VALUE = 7 };

/* Leaves with an error of CUDA, returns one of cuBLAS. */
static int leave(const char *function, int status)
{
    fake_leave(function, status == BLAS_SUCCESS ? FAKE_SUCCESS : FAKE_INVALID_HANDLE);
    return status;
}

int cublasCreate_v2(void **handle)
{
    int error = fake_enter();
    return leave("cublasCreate_v2", error || fake_new_handle(FAKE_BLAS, handle) ? BLAS_NOT_INITIALIZED : BLAS_SUCCESS);
}

int cublasDestroy_v2(void *handle)
{
    fake_enter();
    return leave("cublasDestroy_v2", fake_delete_handle(FAKE_BLAS, handle) ? BLAS_NOT_INITIALIZED : BLAS_SUCCESS);
}

int cublasSetStream_v2(void *handle, void *stream)
{
    fake_enter();
    struct fake_blas *blas = fake_blas_of(handle);
    int status = !blas ? BLAS_NOT_INITIALIZED : !fake_is_stream(stream) ? BLAS_INVALID_VALUE : BLAS_SUCCESS;
    if (status == BLAS_SUCCESS) {
        blas->stream = stream;
    }
    return leave("cublasSetStream_v2", status);
}

int cublasSetMathMode(void *handle, int mode)
{
    fake_enter();
    struct fake_blas *blas = fake_blas_of(handle);
    if (blas) {
        blas->math_mode = mode;
    }
    return leave("cublasSetMathMode", blas ? BLAS_SUCCESS : BLAS_NOT_INITIALIZED);
}

int cublasGetMathMode(void *handle, int *mode)
{
    fake_enter();
    struct fake_blas *blas = fake_blas_of(handle);
    if (blas) {
        *mode = blas->math_mode;
    }
    return leave("cublasGetMathMode", blas ? BLAS_SUCCESS : BLAS_NOT_INITIALIZED);
}

const char *cublasGetStatusName(int status)
{
    return status == BLAS_SUCCESS ? "CUBLAS_STATUS_SUCCESS"
        : status == BLAS_NOT_INITIALIZED ? "CUBLAS_STATUS_NOT_INITIALIZED" : "CUBLAS_STATUS_INVALID_VALUE";
}

const char *cublasGetStatusString(int status)
{
    return cublasGetStatusName(status);
}

static int run(const char *function, bool is_gemm, void *handle)
{
    int error = fake_enter();
    struct fake_blas *blas = error ? NULL : fake_blas_of(handle);
    if (blas) {
        fake_run_blas(function, is_gemm, blas->stream);
    }
    return leave(function, blas ? BLAS_SUCCESS : BLAS_NOT_INITIALIZED);
}

/* The arguments after the handle are the caller's to clean up, and nobody's to read. */
#define GEMM(function)                        \
    int function(void *handle)                \
    {                                         \
        return run(#function, true, handle);  \
    }
#define OTHER(function)                       \
    int function(void *handle)                \
    {                                         \
        return run(#function, false, handle); \
    }

GEMM(cublasDgemmBatched)
GEMM(cublasDgemmStridedBatched)
GEMM(cublasDgemm_v2)
GEMM(cublasGemmBatchedEx)
GEMM(cublasGemmEx)
GEMM(cublasGemmStridedBatchedEx)
GEMM(cublasSgemmBatched)
GEMM(cublasSgemmStridedBatched)
GEMM(cublasSgemm_v2)
OTHER(cublasDgeam)
OTHER(cublasDgetrfBatched)
OTHER(cublasDgetriBatched)
OTHER(cublasScopy_v2)
OTHER(cublasSgeam)
OTHER(cublasSgetrfBatched)
OTHER(cublasSgetriBatched)
OTHER(cublasSscal_v2)
