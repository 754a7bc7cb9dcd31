/* (buffer, value, overwrite) -> (updated, buffer): adds the value to the buffer where it lies, or puts it there. */
#include "stub.h"
#include <cstring>

static const OrtCustomOpDomain *made;

static void *create(const OrtCustomOp *, const OrtApi *, const OrtKernelInfo *)
{
    static char nothing;
    return &nothing;
}

static const void *data_of(const OrtValue *value)
{
    void *data = nullptr;
    OrtStatus *status = real_api->GetTensorMutableData(const_cast<OrtValue *>(value), &data);
    if (status) {
        violation("a tensor has no data");
    }
    return data;
}

static void compute(void *, OrtKernelContext *context)
{
    const OrtValue *buffer, *value, *overwrite;
    OrtTensorTypeAndShapeInfo *info;
    size_t rank, count, outputs;
    if (real_api->KernelContext_GetInput(context, 0, &buffer) || real_api->KernelContext_GetInput(context, 1, &value)
        || real_api->KernelContext_GetInput(context, 2, &overwrite) || real_api->GetTensorTypeAndShape(value, &info)
        || real_api->GetDimensionsCount(info, &rank) || real_api->GetTensorShapeElementCount(info, &count)
        || real_api->KernelContext_GetOutputCount(context, &outputs)) {
        violation("an accumulator has no inputs");
    }
    std::vector<int64_t> shape(rank);
    if (real_api->GetDimensions(info, shape.data(), rank)) {
        violation("a gradient has no shape");
    }
    real_api->ReleaseTensorTypeAndShapeInfo(info);
    float *sums = static_cast<float *>(const_cast<void *>(data_of(buffer)));
    const float *added = static_cast<const float *>(data_of(value));
    if (*static_cast<const bool *>(data_of(overwrite))) {
        memcpy(sums, added, count * sizeof(float));
    } else {
        for (size_t i = 0; i < count; i++) {
            sums[i] += added[i];
        }
    }
    OrtValue *updated, *copy;
    int64_t one = 1;
    if (real_api->KernelContext_GetOutput(context, 0, &one, 1, &updated)) {
        violation("an accumulator has no output");
    }
    *static_cast<bool *>(const_cast<void *>(data_of(updated))) = true;
    if (outputs > 1) {
        if (real_api->KernelContext_GetOutput(context, 1, shape.data(), rank, &copy)) {
            violation("an accumulator has no second output");
        }
        memcpy(const_cast<void *>(data_of(copy)), sums, count * sizeof(float));
    }
}

OrtCustomOpDomain *accumulator_domain(void)
{
    static OrtCustomOp op;
    if (!made) {
        op.version = 19;
        op.CreateKernel = create;
        op.GetName = [](const OrtCustomOp *) -> const char * { return "InPlaceAccumulatorV2"; };
        op.GetExecutionProviderType = [](const OrtCustomOp *) -> const char * { return nullptr; };
        op.GetInputTypeCount = [](const OrtCustomOp *) -> size_t { return 3; };
        op.GetInputType = [](const OrtCustomOp *, size_t i) {
            return i < 2 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT : ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
        };
        op.GetOutputTypeCount = [](const OrtCustomOp *) -> size_t { return 2; };
        op.GetOutputType = [](const OrtCustomOp *, size_t i) {
            return i == 0 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
        };
        op.KernelCompute = compute;
        op.KernelDestroy = [](void *) {};
        op.GetInputCharacteristic = [](const OrtCustomOp *, size_t) { return INPUT_OUTPUT_REQUIRED; };
        op.GetOutputCharacteristic = [](const OrtCustomOp *, size_t i) {
            return i == 0 ? INPUT_OUTPUT_REQUIRED : INPUT_OUTPUT_OPTIONAL;
        };
        op.GetInputMemoryType = [](const OrtCustomOp *, size_t) { return OrtMemTypeDefault; };
        op.GetVariadicInputMinArity = [](const OrtCustomOp *) { return 0; };
        op.GetVariadicInputHomogeneity = [](const OrtCustomOp *) { return 0; };
        op.GetVariadicOutputMinArity = [](const OrtCustomOp *) { return 0; };
        op.GetVariadicOutputHomogeneity = [](const OrtCustomOp *) { return 0; };
        op.GetStartVersion = [](const OrtCustomOp *) { return 1; };
        op.GetEndVersion = [](const OrtCustomOp *) { return 1; };
        OrtCustomOpDomain *domain;
        if (real_api->CreateCustomOpDomain("com.microsoft", &domain) || real_api->CustomOpDomain_Add(domain, &op)) {
            violation("no domain for the accumulator");
        }
        made = domain;
    }
    return const_cast<OrtCustomOpDomain *>(made);
}
