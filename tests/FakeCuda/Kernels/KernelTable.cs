using System.Globalization;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.FakeCuda.Tests.Kernels;

/// <summary>The text of <c>cuda-kernels.tsv</c>.</summary>
static class KernelTable
{
    const string Header = """
        # What ONNX Runtime 1.31.0 runs on CUDA at opset 21 and com.microsoft 1: domain, operator, and the types of T for which a model of
        # that one operator loads and runs on the device alone, without cuDNN. T is the type of the main input; of Where and MatMulBnb4 that
        # of the numbers, of DequantizeLinear and GatherBlockQuantized that of the scales, of ConstantOfShape and Range that of the output.
        # Brackets hold an attribute: ScatterND(add) has reduction = add, and ScatterND none. Reductions are over the last axis.
        # Made by tests/FakeCuda with the shipped provider over stub libraries: a kernel exists and starts; its numbers are not looked at.
        # To make it again: ORTDPO_WRITE_KERNEL_TABLE=1 dotnet test tests/FakeCuda -c Release
        """;

    public static string Path => Repository.Find("src", "Autodiff", "Precision", "cuda-kernels.tsv");

    /// <summary>The whole file.</summary>
    public static string Text(IEnumerable<(KernelCase Case, IEnumerable<DataType> Types)> rows) => string.Concat(
        Header.ReplaceLineEndings("\n"), "\n",
        string.Concat(rows.Select(row => Line(row.Case, row.Types) + "\n").Order(StringComparer.Ordinal)));

    static string Line(KernelCase kernelCase, IEnumerable<DataType> types) =>
        string.Join('\t', kernelCase.Domain, kernelCase.Name, string.Join(' ', types.Select(Name)));

    /// <summary>ONNX's name of a type.</summary>
    static string Name(DataType type) => type switch
    {
        DataType.Float32 => "float",
        DataType.Float64 => "double",
        _ => type.ToString().ToLower(CultureInfo.InvariantCulture),
    };
}
