using System.Globalization;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// The layers that see the last tokens only: a query at position p sees the keys at p − Size + 1 … p (arXiv:2004.05150). Positions are
/// those of the sequence, <c>position_ids</c>, and not places in a row.
/// </summary>
/// <param name="Size">Tokens that a query sees, itself included.</param>
/// <param name="Layers">Numbers of the layers that have the window.</param>
public sealed record SlidingWindow(int Size, IReadOnlySet<int> Layers)
{
    public static SlidingWindow None { get; } = new(int.MaxValue, new HashSet<int>());

    /// <summary>The window of <paramref name="size"/>, on the layers that <c>layer_types</c> or else the family names.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="layers">How many layers the model has.</param>
    /// <param name="size">Tokens; null: no window.</param>
    /// <param name="byFamily">Whether a layer has it where <c>layer_types</c> is absent.</param>
    internal static SlidingWindow Read(ConfigFile json, int layers, int? size, Func<int, bool> byFamily)
    {
        var types = json.Texts("layer_types");
        if (types is not null)
        {
            Check(json, types, layers);
        }

        if (size is not { } window)
        {
            return None;
        }

        var sliding = Enumerable.Range(0, layers).Where(i => types is null ? byFamily(i) : types[i] == "sliding_attention").ToHashSet();
        return sliding.Count == 0 ? None : new SlidingWindow(window, sliding);
    }

    /// <summary><c>sliding_window</c>; null where it is, or where it hides no token of a sequence as long as the model allows.</summary>
    internal static int? SizeOf(ConfigFile json, int positions) =>
        json.Has("sliding_window") && json.Positive("sliding_window") is var size && size < positions ? size : null;

    /// <summary>Qwen's window: behind a flag, on the layers from <c>max_window_layers</c> on.</summary>
    internal static SlidingWindow ReadFlagged(ConfigFile json, int layers, int positions)
    {
        var size = json.Flag("use_sliding_window", absent: false) ? SizeOf(json, positions) : null;
        var first = json.NotNegative("max_window_layers", absent: 28);
        return Read(json, layers, size, i => i >= first);
    }

    internal string Canonical() => Layers.Count == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"sliding_window={Size}:{string.Join(',', Layers.Order())}\n");

    static void Check(ConfigFile json, string[] types, int layers)
    {
        if (types.Length != layers)
        {
            throw new InvalidDataException(
                $"{json.Path}: layer_types has {types.Length} entries. Expected num_hidden_layers, which is {layers}.");
        }

        if (types.FirstOrDefault(t => t is not ("full_attention" or "sliding_attention")) is { } unknown)
        {
            throw new NotSupportedException(
                $"{json.Path}: layer_types has '{unknown}'. Supported are full_attention and sliding_attention.");
        }
    }
}
