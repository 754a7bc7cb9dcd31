using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Next-token logits of a Hugging Face folder whose numbers may depend on how long a sequence becomes: loaded again only where they do.
/// </summary>
public sealed class LengthwiseLogits : IDisposable
{
    readonly ModelFolder folder;
    readonly MemoryPool pool;
    ModelParameters parameters;
    FragmentLogits logits;

    /// <param name="folder">The folder, which it takes over.</param>
    /// <param name="device">Where the layers run; null: the processor.</param>
    public LengthwiseLogits(ModelFolder folder, Device? device = null)
    {
        this.folder = folder;
        pool = new MemoryPool(device);
        (parameters, logits) = Load();
    }

    /// <summary>The logits after the last token of sequences that become <paramref name="maxLength"/> tokens long at most.</summary>
    public Func<long[], float[]> For(int maxLength)
    {
        if (!ReferenceEquals(folder.Model.For(maxLength), folder.Model))
        {
            folder.FixMaxLength(maxLength);
            Unload();
            (parameters, logits) = Load();
        }

        return logits.Next;
    }

    public void Dispose()
    {
        Unload();
        pool.Dispose();
        folder.Dispose();
    }

    (ModelParameters Parameters, FragmentLogits Logits) Load()
    {
        var loaded = ModelParameters.Of(folder, pool);
        return (loaded, new FragmentLogits(loaded, pool));
    }

    void Unload()
    {
        logits.Dispose();
        parameters.Dispose();
    }
}
