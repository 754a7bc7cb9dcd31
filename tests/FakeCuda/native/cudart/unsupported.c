/* What the provider links to and our graphs never call: it counts, and says that it is not supported. */
#include "../fakecuda.h"

#define UNSUPPORTED(function)                                          \
    int function(void)                                                 \
    {                                                                  \
        int error = fake_enter();                                      \
        return fake_leave(#function, error ? error : FAKE_NOT_SUPPORTED); \
    }

/* CUDA graphs. */
UNSUPPORTED(cudaGraphDestroy)
UNSUPPORTED(cudaGraphExecDestroy)
UNSUPPORTED(cudaGraphInstantiate)
UNSUPPORTED(cudaGraphLaunch)
UNSUPPORTED(cudaStreamBeginCapture)
UNSUPPORTED(cudaStreamEndCapture)

/* Kernels from libraries that are loaded at run time. */
UNSUPPORTED(cudaKernelSetAttributeForDevice)
UNSUPPORTED(cudaLibraryGetKernel)
UNSUPPORTED(cudaLibraryLoadData)
UNSUPPORTED(cudaLibraryUnload)
UNSUPPORTED(cudaMemcpyFromSymbol)

/* Memory pools of the runtime. */
UNSUPPORTED(cudaFreeAsync)
UNSUPPORTED(cudaMallocFromPoolAsync)
UNSUPPORTED(cudaMemPoolCreate)
UNSUPPORTED(cudaMemPoolDestroy)
UNSUPPORTED(cudaMemPoolGetAttribute)
UNSUPPORTED(cudaMemPoolSetAttribute)
UNSUPPORTED(cudaMemPoolTrimTo)
