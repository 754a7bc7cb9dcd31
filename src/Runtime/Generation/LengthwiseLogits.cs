using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Next-token logits of a Hugging Face folder whose numbers, and whose memory on a device, may depend on how long a sequence becomes:
/// loaded again only where they do.
/// </summary>
public sealed class LengthwiseLogits : IDisposable
{
    readonly ModelFolder folder;
    readonly ChosenDevice device;
    readonly OffloadChoice offload;
    readonly long tokenizer;
    Loaded? loaded;
    // The longest sequence that there is memory for.
    int planned;

    /// <param name="folder">The folder, which it takes over.</param>
    /// <param name="device">Where the layers run; null: the processor.</param>
    /// <param name="offload">
    /// What of the weights lies in the host's memory, where the device is another; null: what its memory demands.
    /// </param>
    /// <param name="tokenizer">Bytes of the tokenizer beside it.</param>
    /// <exception cref="NotSupportedException">Something is to lie in the host's memory, and the device is the host.</exception>
    public LengthwiseLogits(ModelFolder folder, ChosenDevice? device = null, OffloadChoice? offload = null, long tokenizer = 0)
    {
        this.folder = folder;
        this.device = device ?? ChosenDevice.Cpu;
        this.offload = offload ?? new OffloadChoice();
        this.tokenizer = tokenizer;
        this.offload.RequireEffect(this.device.Device);
        if (this.device.Device.IsHost)
        {
            loaded = new Loaded(folder, this.device.Device, Offload.None);
        }
    }

    /// <summary>Where it runs, and what it takes there for the longest sequence so far; null before the first.</summary>
    public ForwardPlace? Place { get; private set; }

    /// <summary>The logits after the last token of sequences that become <paramref name="maxLength"/> tokens long at most.</summary>
    /// <param name="maxLength">The bound, in tokens.</param>
    /// <param name="goesOn">
    /// Whether the sequences may begin as those before: keys and values of those are then not made again. Else the first runs whole, and
    /// its numbers are the same to the last bit whatever came before.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// The device has too little memory, or what is to lie in the host's memory cannot.
    /// </exception>
    public Func<long[], float[]> For(int maxLength, bool goesOn = false)
    {
        if (!ReferenceEquals(folder.Model.For(maxLength), folder.Model))
        {
            folder.FixMaxLength(maxLength);
            Unload();
        }

        if (Place is null || (Place.Memory is not null && maxLength > planned))
        {
            // What lies there already is not free.
            Unload();
            Place = ForwardPlace.Of(device, offload, "Generating", budget => ForwardMemory.Choose(
                folder, budget, offload, tokenizer, way => FragmentLogits.Plan(folder, maxLength, budget.Device, way)));
            planned = maxLength;
        }

        loaded ??= new Loaded(folder, Place.Device, Place.Offload);
        loaded.Logits.Reserve(maxLength);
        if (!goesOn)
        {
            loaded.Logits.Forget();
        }

        return loaded.Logits.Next;
    }

    public void Dispose()
    {
        Unload();
        folder.Dispose();
    }

    void Unload()
    {
        loaded?.Dispose();
        loaded = null;
    }

    sealed class Loaded : IDisposable
    {
        readonly MemoryPool pool;
        readonly ModelParameters parameters;

        public Loaded(ModelFolder folder, Device device, Offload offload)
        {
            pool = new MemoryPool(device);
            parameters = ModelParameters.Of(folder, pool, offload: offload);
            Logits = new FragmentLogits(parameters, pool);
        }

        public FragmentLogits Logits { get; }

        public void Dispose()
        {
            Logits.Dispose();
            parameters.Dispose();
            pool.Dispose();
        }
    }
}
