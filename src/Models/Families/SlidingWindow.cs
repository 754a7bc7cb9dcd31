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

    internal static SlidingWindow Read(ConfigFile json, string family, int layers, int positions)
    {
        var size = family switch
        {
            // Hugging Face's default where the field is absent; null switches the window off.
            "mistral" => json.Names("sliding_window") ? PositiveOrNull(json) : 4096,
            "qwen2" when json.Flag("use_sliding_window", absent: false) => PositiveOrNull(json),
            _ => null,
        };
        if (size is not { } window || window >= positions)
        {
            return None;
        }

        var first = family == "qwen2" ? json.NotNegative("max_window_layers", absent: 28) : 0;
        var sliding = json.Texts("layer_types") is { } types
            ? OfTypes(json, types, layers)
            : Enumerable.Range(0, layers).Where(i => i >= first).ToHashSet();
        return sliding.Count == 0 ? None : new SlidingWindow(window, sliding);
    }

    internal string Canonical() => Layers.Count == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"sliding_window={Size}:{string.Join(',', Layers.Order())}\n");

    static int? PositiveOrNull(ConfigFile json) => json.Has("sliding_window") ? json.Positive("sliding_window") : null;

    static HashSet<int> OfTypes(ConfigFile json, string[] types, int layers)
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

        return [.. Enumerable.Range(0, layers).Where(i => types[i] == "sliding_attention")];
    }
}
