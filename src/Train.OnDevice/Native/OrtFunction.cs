namespace OrtDpo.Train.OnDevice.Native;

/// <summary>
/// Functions of ONNX Runtime's C API by their places in the table that <c>GetApi</c> gives: the struct <c>OrtApi</c> of
/// <c>onnxruntime_c_api.h</c>, which versions only ever add to. The names are the header's; a test counts them there.
/// </summary>
enum OrtFunction
{
    GetErrorMessage = 2,
    CreateEnv = 3,
    CreateSessionOptions = 10,
    DisableMemPattern = 17,
    SetIntraOpNumThreads = 24,
    CreateTensorWithDataAsOrtValue = 49,
    GetTensorMutableData = 51,
    GetTensorElementType = 60,
    GetDimensionsCount = 61,
    GetDimensions = 62,
    GetTensorTypeAndShape = 65,
    CreateCpuMemoryInfo = 69,
    AllocatorFree = 76,
    GetAllocatorWithDefaultOptions = 78,
    ReleaseEnv = 92,
    ReleaseStatus = 93,
    ReleaseMemoryInfo = 94,
    ReleaseValue = 96,
    ReleaseTensorTypeAndShapeInfo = 99,
    ReleaseSessionOptions = 100,
    AddSessionConfigEntry = 130,
    GetTrainingApi = 219,
}
