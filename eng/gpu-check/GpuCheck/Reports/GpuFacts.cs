namespace OrtDpo.GpuCheck.Reports;

/// <summary>What the checks run on.</summary>
/// <param name="Name">What the GPU is called.</param>
/// <param name="Capability">Its compute capability.</param>
/// <param name="FreeBytes">Bytes of its memory that were free.</param>
/// <param name="Driver">The version of NVIDIA's driver; empty: <c>nvidia-smi</c> is not there to say.</param>
/// <param name="OnnxRuntime">ONNX Runtime's version.</param>
/// <param name="Dotnet">.NET's version.</param>
/// <param name="Program">The version of the program that was checked.</param>
/// <param name="Processor">The host's processor.</param>
/// <param name="Cores">Its threads.</param>
/// <param name="OperatingSystem">The host's system.</param>
/// <param name="IsStub">Whether the libraries are the stubs of <c>tests/FakeCuda</c>.</param>
sealed record GpuFacts(
    string Name, string Capability, long FreeBytes, string Driver, string OnnxRuntime, string Dotnet, string Program, string Processor,
    int Cores, string OperatingSystem, bool IsStub);
