/* cuBLASLt: products that are described by handles. */
#include "../fakecuda.h"
#include <string.h>

/* cublasStatus_t */
enum { BLAS_SUCCESS = 0, BLAS_NOT_INITIALIZED = 1, BLAS_INVALID_VALUE = 7 };

static int leave(const char *function, int status)
{
    fake_leave(function, status == BLAS_SUCCESS ? FAKE_SUCCESS : FAKE_INVALID_HANDLE);
    return status;
}

static int new_handle(const char *function, enum fake_handle_kind kind, void **handle)
{
    int error = fake_enter();
    return leave(function, error || fake_new_handle(kind, handle) ? BLAS_NOT_INITIALIZED : BLAS_SUCCESS);
}

static int delete_handle(const char *function, enum fake_handle_kind kind, void *handle)
{
    fake_enter();
    return leave(function, fake_delete_handle(kind, handle) ? BLAS_INVALID_VALUE : BLAS_SUCCESS);
}

int cublasLtCreate(void **handle)
{
    return new_handle("cublasLtCreate", FAKE_BLAS_LT, handle);
}

int cublasLtDestroy(void *handle)
{
    return delete_handle("cublasLtDestroy", FAKE_BLAS_LT, handle);
}

/* Descriptions: what to multiply, how it lies, and what is preferred. Their contents are not read. */
#define DESCRIPTION(name)                                                                        \
    int cublasLt##name##Create(void **description)                                               \
    {                                                                                            \
        return new_handle("cublasLt" #name "Create", FAKE_BLAS_DESCRIPTION, description);        \
    }                                                                                            \
    int cublasLt##name##Destroy(void *description)                                               \
    {                                                                                            \
        return delete_handle("cublasLt" #name "Destroy", FAKE_BLAS_DESCRIPTION, description);    \
    }

DESCRIPTION(MatmulDesc)
DESCRIPTION(MatrixLayout)
DESCRIPTION(MatmulPreference)
DESCRIPTION(MatrixTransformDesc)

#define ACCEPTED(function)                                           \
    int function(void)                                               \
    {                                                                \
        fake_enter();                                                \
        return leave(#function, BLAS_SUCCESS);                       \
    }

ACCEPTED(cublasLtMatmulDescSetAttribute)
ACCEPTED(cublasLtMatrixLayoutSetAttribute)
ACCEPTED(cublasLtMatmulPreferenceSetAttribute)
ACCEPTED(cublasLtMatmulAlgoConfigSetAttribute)
ACCEPTED(cublasLtMatmulAlgoInit)

/* cublasLtMatmulHeuristicResult_t */
struct heuristic {
    uint64_t algorithm[8];
    size_t workspace_bytes;
    int status;
    float waves;
    int reserved[4];
};

/* One algorithm, without a workspace. */
int cublasLtMatmulAlgoGetHeuristic(void *handle, void *product, void *a, void *b, void *c, void *d, void *preference, int wanted,
    struct heuristic *results, int *count)
{
    (void)product, (void)a, (void)b, (void)c, (void)d, (void)preference;
    fake_enter();
    bool is_valid = fake_is_handle(FAKE_BLAS_LT, handle) && wanted > 0;
    if (is_valid) {
        memset(results, 0, sizeof *results);
        *count = 1;
    }
    return leave("cublasLtMatmulAlgoGetHeuristic", is_valid ? BLAS_SUCCESS : BLAS_INVALID_VALUE);
}

static int run(const char *function, bool is_gemm, void *handle, void *stream)
{
    int error = fake_enter();
    bool is_valid = !error && (fake_is_handle(FAKE_BLAS_LT, handle) || fake_is_handle(FAKE_BLAS, handle)) && fake_is_stream(stream);
    if (is_valid) {
        fake_run_blas(function, is_gemm, stream);
    }
    return leave(function, is_valid ? BLAS_SUCCESS : BLAS_INVALID_VALUE);
}

int cublasLtMatmul(void *handle, void *product, const void *alpha, const void *a, void *a_layout, const void *b, void *b_layout,
    const void *beta, const void *c, void *c_layout, void *d, void *d_layout, const void *algorithm, void *workspace,
    size_t workspace_bytes, void *stream)
{
    (void)product, (void)alpha, (void)a, (void)a_layout, (void)b, (void)b_layout, (void)beta, (void)c, (void)c_layout, (void)d,
        (void)d_layout, (void)algorithm, (void)workspace, (void)workspace_bytes;
    return run("cublasLtMatmul", true, handle, stream);
}

int cublasLtMatrixTransform(void *handle, void *transform, const void *alpha, const void *a, void *a_layout, const void *beta,
    const void *b, void *b_layout, void *c, void *c_layout, void *stream)
{
    (void)transform, (void)alpha, (void)a, (void)a_layout, (void)beta, (void)b, (void)b_layout, (void)c, (void)c_layout;
    return run("cublasLtMatrixTransform", false, handle, stream);
}
