using Microsoft.ML.OnnxRuntime;
using OrtDpo.Models.Import;
using OrtDpo.Runtime.Generation;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Precision;

/// <summary>
/// An exported model as the processor runs it: itself, or, where ONNX Runtime has no processor kernels for what it computes in, the same
/// file with its numbers widened to float32.
/// </summary>
sealed class ExportedLogits : IDisposable
{
    readonly string? widened;

    ExportedLogits(OnnxLogits logits, ComputedRun? run, string? widened)
    {
        Logits = logits;
        Run = run;
        this.widened = widened;
    }

    public OnnxLogits Logits { get; }

    /// <summary>How it runs; null: it computes in float32.</summary>
    public ComputedRun? Run { get; }

    /// <summary>Loads what was written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="compute">What it computes in.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime takes the file for wrong: its types, or its operators.</exception>
    public static ExportedLogits Open(string path, WeightType compute)
    {
        var dtype = compute.ConfigName();
        if (compute != WeightType.BF16)
        {
            var run = compute == WeightType.F32 ? null : new ComputedRun(dtype, ComputedRun.Run);
            return new(new OnnxLogits(path), run, widened: null);
        }

        try
        {
            return new(new OnnxLogits(path), new ComputedRun(dtype, ComputedRun.Run), widened: null);
        }
        catch (OnnxRuntimeException e) when (e.Message.Contains("NotImplemented", StringComparison.Ordinal))
        {
            // The types of the whole graph were found right before the first kernel was looked for.
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime refuses the exported model: {e.Message} Nothing was exported.", e);
        }

        var folder = Path.Combine(Path.GetDirectoryName(path)!, "widened");
        Directory.CreateDirectory(folder);
        var copy = Path.Combine(folder, OnnxFile.FileName);
        WidenedModel.Write(path, copy);
        return new(
            new OnnxLogits(copy),
            new ComputedRun(
                dtype, ComputedRun.NotRun,
                "ONNX Runtime has no processor kernels for bfloat16. Types were checked by ONNX Runtime and against the kernels of CUDA, "
                + "and the file's numbers were widened to float32, run and compared: what rounding to bfloat16 does is not in these "
                + "differences."),
            folder);
    }

    public void Dispose()
    {
        Logits.Dispose();
        if (widened is not null)
        {
            Directory.Delete(widened, recursive: true);
        }
    }
}
