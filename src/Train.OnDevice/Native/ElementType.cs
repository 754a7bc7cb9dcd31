namespace OrtDpo.Train.OnDevice.Native;

/// <summary>Element types by ONNX Runtime's numbers (<c>ONNXTensorElementDataType</c>).</summary>
enum ElementType
{
    Float32 = 1,
    Int64 = 7,
}
