using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Runtime.Generation;

/// <summary>
/// Logits of an ONNX model, loaded as any host of ONNX Runtime loads it: fed with tokens, mask and positions, as far as it takes them, and
/// with its cache of keys and values, where it has one that it returns. Other pasts are empty. Cache and logits may be of any floating
/// type that has 16 or 32 bits. For one thread at a time.
/// </summary>
public sealed class OnnxLogits : IDisposable
{
    const string Output = FragmentPorts.Logits;
    const string Switch = "use_cache_branch";

    readonly InferenceSession session;
    readonly string output;
    // Inputs and the outputs that they are fed with next.
    readonly (string Past, string Present)[] cache;
    RunOptions runOptions = new();
    OrtLoraAdapter? adapter;
    // What the cache holds: keys and values of these tokens, among the outputs of the last run.
    long[] cached = [];
    IDisposableReadOnlyCollection<OrtValue>? presents;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="OnnxRuntimeException">
    /// ONNX Runtime does not load the file: it is damaged, or whoever wrote it is at fault, which may be this project.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// The model does not take <c>input_ids</c>, takes what nothing feeds, or gives no <c>logits</c>.
    /// </exception>
    public OnnxLogits(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist.", path);
        }

        using var options = OrtProcess.DefaultOptions();
        using var denormals = DenormalsAsZero.Enter();
        session = new InferenceSession(path, options);
        output = session.OutputNames is [var only] ? only : Output;
        if (!session.InputNames.Contains(FragmentPorts.InputIds) || !session.InputNames.All(IsFed)
            || !session.OutputNames.Contains(output))
        {
            var found = string.Join(", ", session.InputNames.Concat(session.OutputNames).Order(StringComparer.Ordinal));
            session.Dispose();
            throw new InvalidDataException($"{path} has the inputs and outputs {found}; expected input_ids and logits, "
                + "and beside them attention_mask, position_ids, past… and use_cache_branch at most.");
        }

        if (session.OutputMetadata[output].ElementDataType is var type
            and not (TensorElementType.Float or TensorElementType.Float16 or TensorElementType.BFloat16))
        {
            session.Dispose();
            throw new InvalidDataException($"{path} gives {output} as {type}; expected float32, float16 or bfloat16.");
        }

        cache = CacheOf(session);
    }

    /// <summary>The family that the file says the model is of, where an export wrote it; null: it says none.</summary>
    public string? Family => Metadata.GetValueOrDefault(CachePorts.FamilyEntry);

    /// <summary>What the file says of itself, by name: its metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    /// <summary>Whether the model returns a cache that it also takes: then a token costs as much as one token.</summary>
    public bool HasCache => cache.Length > 0;

    /// <summary>Computes with an adapter from now on; tokens that were run before are run again.</summary>
    /// <param name="path">An <c>.onnx_adapter</c> file; null: without one.</param>
    /// <exception cref="OnnxRuntimeException">
    /// ONNX Runtime does not load it. One that the model has no inputs for is an error only when it runs.
    /// </exception>
    public void Use(string? path)
    {
        var next = path is null ? null : OrtLoraAdapter.Create(path, ortAllocator: null);
        adapter?.Dispose();
        adapter = next;
        runOptions.Dispose();
        runOptions = new RunOptions();
        if (next is not null)
        {
            runOptions.AddActiveLoraAdapter(next);
        }

        Forget();
    }

    /// <summary>The next text runs whole, whatever it begins with: its numbers are then the same to the last bit each time.</summary>
    public void Forget()
    {
        presents?.Dispose();
        (presents, cached) = (null, []);
    }

    /// <summary>Logits after every one of <paramref name="ids"/>: <c>float32 [S, V]</c>, row-major; all run at once.</summary>
    public float[] All(long[] ids)
    {
        using var outputs = Run(ids, past: 0, [output]);
        return Floats(outputs[0], rows: ids.Length, from: 0);
    }

    /// <summary>
    /// The logits after the last of <paramref name="ids"/>: <c>float32 [V]</c>. Of tokens that begin with those of the call before, only
    /// the others are run, where the model <see cref="HasCache"/>.
    /// </summary>
    public float[] Next(long[] ids)
    {
        var past = HasCache && ids.Length > cached.Length && ids.AsSpan().StartsWith(cached) ? cached.Length : 0;
        var outputs = Run(ids, past, [output, .. cache.Select(c => c.Present)]);
        presents?.Dispose();
        (presents, cached) = (outputs, HasCache ? [.. ids] : []);
        return Floats(outputs[0], rows: ids.Length - past, from: ids.Length - past - 1);
    }

    public void Dispose()
    {
        presents?.Dispose();
        runOptions.Dispose();
        adapter?.Dispose();
        session.Dispose();
    }

    // Of rows of equal size, those from the given one on.
    static float[] Floats(OrtValue logits, int rows, int from)
    {
        switch (logits.GetTensorTypeAndShape().ElementDataType)
        {
            case TensorElementType.Float16:
                var halves = Rows(MemoryMarshal.Cast<Float16, Half>(logits.GetTensorDataAsSpan<Float16>()));
                var numbers = new float[halves.Length];
                FloatWidening.FromFloat16(halves, numbers);
                return numbers;
            case TensorElementType.BFloat16:
                var bits = Rows(MemoryMarshal.Cast<BFloat16, ushort>(logits.GetTensorDataAsSpan<BFloat16>()));
                numbers = new float[bits.Length];
                FloatWidening.FromBFloat16(bits, numbers);
                return numbers;
            default:
                return Rows(logits.GetTensorDataAsSpan<float>()).ToArray();
        }

        ReadOnlySpan<T> Rows<T>(ReadOnlySpan<T> all) => all[(all.Length / rows * from)..];
    }

    // A switch between branches with and without a cache, and pasts under names that are not known, are fed as if there were none.
    static (string Past, string Present)[] CacheOf(InferenceSession session)
    {
        var pasts = session.InputNames.Where(IsPast).ToList();
        var known = pasts.All(name => name.StartsWith(CachePorts.PastPrefix, StringComparison.Ordinal))
            && !session.InputNames.Contains(Switch);
        (string Past, string Present)[] pairs = known
            ? [.. pasts.Select(name => (name, CachePorts.PresentPrefix + name[CachePorts.PastPrefix.Length..]))]
            : [];
        return Array.TrueForAll(pairs, pair => session.OutputNames.Contains(pair.Present)) ? pairs : [];
    }

    // Runs the tokens after the first past ones, whose keys and values are in the cache.
    IDisposableReadOnlyCollection<OrtValue> Run(long[] ids, int past, string[] outputs)
    {
        var made = new List<OrtValue>();
        try
        {
            using var denormals = DenormalsAsZero.Enter();
            return session.Run(runOptions, [.. session.InputNames], [.. session.InputNames.Select(Feed)], outputs);
        }
        finally
        {
            made.ForEach(value => value.Dispose());
        }

        OrtValue Feed(string name)
        {
            if (past > 0 && Array.FindIndex(cache, c => c.Past == name) is >= 0 and var at)
            {
                return presents![at + 1];
            }

            var value = Input(name, ids, past);
            made.Add(value);
            return value;
        }
    }

    static bool IsFed(string name) =>
        name is FragmentPorts.InputIds or FragmentPorts.AttentionMask or FragmentPorts.PositionIds or Switch
        || IsPast(name);

    static bool IsPast(string name) => name.StartsWith("past", StringComparison.Ordinal);

    OrtValue Input(string name, long[] ids, int past) => name switch
    {
        FragmentPorts.InputIds => Row(name, ids[past..]),
        FragmentPorts.AttentionMask => Row(name, [.. Enumerable.Repeat(1L, ids.Length)]),
        FragmentPorts.PositionIds => Row(name, [.. Enumerable.Range(past, ids.Length - past).Select(i => (long)i)]),
        Switch => OrtValue.CreateTensorValueFromMemory(new bool[1], [1]),
        _ => Empty(session.InputMetadata[name], session.InputMetadata[FragmentPorts.InputIds].SymbolicDimensions[0]),
    };

    OrtValue Row(string name, long[] values) => session.InputMetadata[name].ElementType == typeof(int)
        ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (int)v), [1, values.Length])
        : OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);

    // One row; every other open size is the past's length.
    static OrtValue Empty(NodeMetadata past, string batch)
    {
        var named = batch.Length > 0 && past.SymbolicDimensions.Contains(batch);
        var first = Array.FindIndex(past.Dimensions, d => d < 0);
        long[] shape = [.. past.Dimensions.Select((d, i) => d >= 0 ? d : IsBatch(i) ? 1 : 0)];
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.ElementDataType, shape);

        bool IsBatch(int axis) => named ? past.SymbolicDimensions[axis] == batch : axis == first;
    }
}
