using OrtDpo.Models.Decoders;
using OrtDpo.Models.Import;
using OrtDpo.Quantization;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// The matrices in int4 that an inference host runs: those of the <c>MatMulNBits</c> nodes of an ONNX model, as ONNX Runtime GenAI's model
/// builder and ONNX Runtime's quantiser write them, under the names of the weights that they are of.
/// </summary>
public sealed class HostedInt4 : IDisposable
{
    readonly OnnxFile file;

    HostedInt4(OnnxFile file, IReadOnlyDictionary<string, QuantizedMatrix> matrices, IReadOnlyList<string> notes)
    {
        this.file = file;
        (Matrices, Notes) = (matrices, notes);
    }

    /// <summary>The model that was read.</summary>
    public string Path => file.Path;

    /// <summary>
    /// One [out, in] for every linear weight of the layers, by its name. Codes, and what else lies in the file as it is needed, are views
    /// of the mapped file: they end with this object.
    /// </summary>
    public IReadOnlyDictionary<string, QuantizedMatrix> Matrices { get; }

    /// <summary>Why numbers differ from the host's.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads the matrices of every linear weight in the layers of a model.</summary>
    /// <param name="path">The host's <c>.onnx</c> file or its folder.</param>
    /// <param name="model">The model that it was exported from; an adapter on it is passed over.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or its data is missing.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of another model, or lacks a matrix.</exception>
    /// <exception cref="NotSupportedException">
    /// The weights of this model have no places in such a file, or the file holds them in another form; the message says which.
    /// </exception>
    public static HostedInt4 Read(string path, DecoderModel model)
    {
        var weights = LinearWeight.Of(model);
        var file = OnnxFile.Open(FileOf(path));
        try
        {
            HostedAdapter.Refuse(file);
            var nodes = HostedNodes.Of(file, model.Sizes.VocabSize);
            var matrices = weights.ToDictionary(w => w.Name, w => nodes.Take(w, weights), StringComparer.Ordinal);
            nodes.RequireAllTaken();
            return new HostedInt4(file, matrices, [.. HostNotes.Of(file, nodes)]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    static string FileOf(string path) => !Directory.Exists(path) ? path : OnnxFile.Only(path) ?? throw new FileNotFoundException(
        $"{path} holds no .onnx file. Expected the folder that ONNX Runtime GenAI's model builder wrote, or the file itself.", path);
}
