using System.Globalization;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>ONNX's external data: a plain file of tensors, each named with its place by a message in the model.</summary>
static class ExternalData
{
    // Tensors begin on pages, so that a runtime can map them.
    const long Alignment = 4096;

    /// <summary>
    /// Writes the tensors and returns the messages that point at them; <paramref name="location"/> is relative to the model's folder.
    /// </summary>
    public static IEnumerable<TensorProto> Write(Stream stream, string location, IReadOnlyList<Initializer> initializers)
    {
        foreach (var initializer in initializers)
        {
            stream.Position = (stream.Position + Alignment - 1) / Alignment * Alignment;
            var offset = stream.Position;
            NativeBytes.Write(stream, initializer.Data, initializer.Bytes);
            yield return new TensorProto
            {
                Name = initializer.Name,
                DataType = (int)initializer.Type,
                Dims = { initializer.Shape },
                DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData =
                {
                    Entry("location", location),
                    Entry("offset", offset.ToString(CultureInfo.InvariantCulture)),
                    Entry("length", initializer.Bytes.ToString(CultureInfo.InvariantCulture)),
                },
            };
        }
    }

    static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
