namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>The tables of <c>checkpoint.fbs</c>, as FlatBuffers numbers their fields.</summary>
static class CheckpointSchema
{
    /// <summary>Bytes 4 to 7 of a file.</summary>
    public static ReadOnlySpan<byte> Identifier => "ODTC"u8;

    /// <summary>The one version that ONNX Runtime 1.18.0 to 1.19.2 read.</summary>
    public const int Version = 2;

    /// <summary>FlatBuffers' limit of a file.</summary>
    public const long LargestFile = int.MaxValue;

    /// <summary>How many tables ONNX Runtime's verifier goes through before it refuses a file.</summary>
    public const int MostTables = 1_000_000;

    /// <summary>What the name of the file has behind the checkpoint's that holds its tensors.</summary>
    public const string DataSuffix = ".data";

    public static class Checkpoint
    {
        public const int Version = 0;
        public const int ModuleState = 1;
        public const int OptimizerGroups = 2;
        public const int PropertyBag = 3;
    }

    public static class ModuleState
    {
        public const int RequiresGradParams = 0;
        public const int FrozenParams = 1;
        public const int IsNominalState = 2;
        public const int HasExternalData = 3;
    }

    public static class OptimizerGroup
    {
        public const int GroupName = 0;
        public const int Step = 1;
        public const int InitialLearningRate = 2;
        public const int OptimizerStates = 3;
    }

    public static class ParameterOptimizerState
    {
        public const int ParamName = 0;
        public const int Momentums = 1;
    }

    public static class PropertyBag
    {
        public const int Ints = 0;
        public const int Floats = 1;
        public const int Strings = 2;
    }

    /// <summary>The three kinds of properties, which differ in the type of their value alone.</summary>
    public static class Property
    {
        public const int Name = 0;
        public const int Value = 1;
    }

    public static class Tensor
    {
        public const int Name = 0;
        public const int DocString = 1;
        public const int Dims = 2;
        public const int DataType = 3;
        public const int RawData = 4;
        public const int StringData = 5;
        public const int ExternalDataOffset = 6;
    }
}
