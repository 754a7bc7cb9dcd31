namespace OrtDpo.Adapters.Onnx;

/// <summary>
/// ONNX Runtime's schema of adapters (<c>onnxruntime/lora/adapter_format/adapter_schema.fbs</c>), as FlatBuffers numbers its fields. The
/// same since ONNX Runtime 1.20, the first with adapters.
/// </summary>
static class OnnxAdapterSchema
{
    /// <summary>Bytes 4 to 7 of a file.</summary>
    public static ReadOnlySpan<byte> Identifier => "TORT"u8;

    /// <summary>The one version of the format that ONNX Runtime reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>FlatBuffers' limit of a file, which an array of .NET does not quite reach.</summary>
    public const long LargestFile = 0x7FFFFFC7;

    /// <summary>The table <c>Adapter</c>.</summary>
    public static class Adapter
    {
        public const int Fields = 4;
        public const int FormatVersion = 0;
        public const int AdapterVersion = 1;
        public const int ModelVersion = 2;
        public const int Parameters = 3;
    }

    /// <summary>The table <c>Parameter</c>.</summary>
    public static class Parameter
    {
        public const int Fields = 4;
        public const int Name = 0;
        public const int Dims = 1;
        public const int DataType = 2;
        public const int RawData = 3;
    }
}
