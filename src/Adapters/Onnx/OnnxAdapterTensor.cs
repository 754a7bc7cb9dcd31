using OrtDpo.Safetensors;

namespace OrtDpo.Adapters.Onnx;

/// <summary>A tensor of an <c>.onnx_adapter</c> file: what a host feeds to the model's input of that name.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">F32, F16 or BF16, which must be the input's.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Data">Row-major, little-endian elements.</param>
public sealed record OnnxAdapterTensor(string Name, WeightType Type, long[] Shape, byte[] Data);
