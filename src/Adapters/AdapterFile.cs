using OrtDpo.Linked;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters;

/// <summary>
/// An adapter's tensors: PEFT's <c>adapter_model.safetensors</c>, mapped into memory. The file has every parameter under
/// <c>base_model.model.</c> (<c>get_peft_model_state_dict</c>); here they have the names that the model itself would give them, such as
/// <c>model.layers.0.self_attn.q_proj.lora_A.weight</c>. <c>A</c> and <c>B</c> are unscaled.
/// </summary>
public sealed class AdapterFile : IDisposable
{
    /// <summary>The file that PEFT keeps tensors in.</summary>
    public const string FileName = "adapter_model.safetensors";

    /// <summary>What stands before a parameter's name in the file.</summary>
    public const string Prefix = "base_model.model.";

    const string PickleName = "adapter_model.bin";

    readonly SafetensorsFile file;

    AdapterFile(SafetensorsFile file, WeightMapping mapping)
    {
        this.file = file;
        Mapping = mapping;
        Tensors = file.Tensors.ToDictionary(
            t => t.Key.StartsWith(Prefix, StringComparison.Ordinal) ? t.Key[Prefix.Length..] : t.Key, t => t.Value, StringComparer.Ordinal);
    }

    /// <summary>The file's path.</summary>
    public string Path => file.Path;

    /// <summary>How the file is mapped.</summary>
    public WeightMapping Mapping { get; }

    /// <summary>The tensors by parameter name; an entry itself has the file's name for it.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>
    /// Whether every <c>B</c> is zero and nothing else is saved, as in an adapter that was made and not trained: the model is its base.
    /// </summary>
    public bool IsZero => Tensors.All(t => t.Key.EndsWith(AdapterNames.A, StringComparison.Ordinal)
        || (t.Key.EndsWith(AdapterNames.B, StringComparison.Ordinal) && HoldsZeros(t.Value)));

    /// <summary>Maps <c>adapter_model.safetensors</c> in <paramref name="folder"/> after checking its header and names.</summary>
    /// <exception cref="FileNotFoundException">The folder holds no adapter.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, a Git LFS pointer, or holds a tensor that is not named as PEFT names an adapter's.
    /// </exception>
    /// <exception cref="NotSupportedException">The adapter is there as a pickle only.</exception>
    public static AdapterFile Open(string folder, WeightMapping mapping)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw Missing(folder, path);
        }

        var file = SafetensorsFile.Open(path, mapping);
        if (file.Tensors.Keys.Where(name => !name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } other)
        {
            file.Dispose();
            throw new InvalidDataException($"{path}: tensor '{other}' does not begin with '{Prefix}', as all of an adapter do that PEFT "
                + "saved. Save the adapter with PEFT's save_pretrained.");
        }

        return new AdapterFile(file, mapping);
    }

    /// <summary>The address of a tensor's first byte.</summary>
    /// <param name="name">A name among <see cref="Tensors"/>.</param>
    public nint Address(string name) => file.Address(Tensors[name]);

    /// <summary>Lets go of the pages of <paramref name="count"/> bytes of a tensor, which nobody wrote to.</summary>
    public void Release(string name, long start, long count) => file.Release(Tensors[name], start, count);

    /// <summary>Checks that the file holds all of an adapter of a base, and nothing else.</summary>
    /// <param name="config">The adapter's configuration.</param>
    /// <param name="targets">What it means for the base.</param>
    /// <param name="baseShapes">The base's parameters by name, with their shapes, as its file has them.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, not of the base's shape or rank, or of a module that is not
    /// adapted.</exception>
    /// <exception cref="NotSupportedException">A tensor is of a kind that is not built here.</exception>
    public void Check(LoraConfig config, LoraTargets targets, IReadOnlyDictionary<string, long[]> baseShapes) =>
        new AdapterCheck(this, config, targets, baseShapes).Check();

    /// <summary>Writes <c>adapter_model.safetensors</c> as PEFT does.</summary>
    /// <param name="file">Where it is written.</param>
    /// <param name="tensors">The tensors under their parameter names, without PEFT's prefix.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    /// <exception cref="InvalidDataException">A value is too large for the type that it is to be saved in.</exception>
    public static void Write(Stream file, IEnumerable<TensorSource> tensors) =>
        SafetensorsWriter.Write(file, tensors.Select(tensor => tensor with { Name = Prefix + tensor.Name }));

    public void Dispose() => file.Dispose();

    static Exception Missing(string folder, string path) => File.Exists(System.IO.Path.Combine(folder, PickleName))
        ? new NotSupportedException($"{folder} holds its adapter as {PickleName}, a pickle, which can run code when it is read and is not. "
            + $"Load the adapter with PEFT and save it again: save_pretrained writes {FileName}.")
        : new FileNotFoundException(
            $"{path} does not exist. Expected a folder that PEFT saved an adapter in.{HubName.Advice(folder, "model")}", path);

    // Zeros of either sign: of these only the last byte, which has the sign, may be 0x80.
    unsafe bool HoldsZeros(TensorEntry tensor)
    {
        const int Chunk = 1 << 20;
        var size = tensor.Type.ByteSize();
        var address = (byte*)file.Address(tensor);
        for (var start = 0L; start < tensor.ByteCount; start += Chunk)
        {
            var bytes = new ReadOnlySpan<byte>(address + start, (int)Math.Min(Chunk, tensor.ByteCount - start));
            for (var at = bytes.IndexOfAnyExcept((byte)0); at >= 0 && at < bytes.Length; at++)
            {
                if (bytes[at] != 0 && (bytes[at] != 0x80 || at % size != size - 1))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
