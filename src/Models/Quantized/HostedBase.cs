using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>A base whose linear weights are those that a host runs in int4; the rest is the model folder's own.</summary>
static class HostedBase
{
    // Of 4 bits the squared error is about a hundredth of the squared weights; of another model's weights it is about twice them.
    const double MostError = 0.5;
    const int SampledRows = 16;

    /// <summary>Reads the weights for a folder, which notes what differs from the host.</summary>
    /// <param name="path">The host's <c>.onnx</c> file or its folder.</param>
    /// <param name="folder">The model that it was exported from.</param>
    /// <exception cref="InvalidDataException">The file is damaged or of another model.</exception>
    /// <exception cref="NotSupportedException">It holds weights in another form, or the model has no places in it.</exception>
    public static QuantizedBase Read(string path, ModelFolder folder)
    {
        var hosted = HostedInt4.Read(path, folder.Model);
        folder.Own(hosted);
        var weights = hosted.Matrices.Select(m => QuantizedWeight.Of(m.Key, m.Value, mapped: m.Value.Codes.Length)).ToList();
        foreach (var weight in weights)
        {
            RequireAlike(weight, hosted.Path, folder);
        }

        foreach (var note in hosted.Notes)
        {
            folder.Note(note);
        }

        var digest = new QuantizedBase(weights, form: null).Digest();
        return new QuantizedBase(weights, $"format=int4 quantizer=onnx digest={digest[..16]}");
    }

    static unsafe void RequireAlike(QuantizedWeight weight, string path, ModelFolder folder)
    {
        var entry = folder.Find(weight.Name)!;
        var (matrix, rows) = (weight.Matrix, Math.Min(SampledRows, weight.Rows));
        var (expected, found) = (new float[rows * matrix.Columns], new float[rows * matrix.Columns]);
        fixed (float* target = expected)
        {
            WeightConversion.ToFloat32(
                folder.Address(weight.Name), entry with { ByteCount = expected.Length * (long)entry.Type.ByteSize() }, (nint)target);
        }

        matrix.DequantiseRows(0, rows, found);
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < found.Length; i++)
        {
            error += Math.Pow(found[i] - expected[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        if (!(error <= MostError * size))
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{path} is of another model: its '{weight.Name}' differs from that of {folder.Path} by {Math.Sqrt(error / size):0.0} ")
                + "times what it is, and 4 bits make a tenth of it. Give the model that it was exported from (`Model`).");
        }
    }
}
