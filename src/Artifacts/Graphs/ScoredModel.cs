using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>
/// A model as one graph from a batch to <c>token_logps</c>, whose inputs stand in the order of on-device training: first what the batch
/// has, then what the loss takes, then the parameters. Tables are constants, of as many positions as a sequence may have.
/// </summary>
static class ScoredModel
{
    /// <summary>The inputs of a batch, in the order in which artifacts have those that the model reads.</summary>
    static readonly string[] Batch =
    [
        FragmentPorts.InputIds, FragmentPorts.PositionIds, FragmentPorts.SegmentIds, FragmentPorts.AttentionMask,
        FragmentPorts.CompletionIndex, FragmentPorts.CompletionIds, FragmentPorts.CompletionMask,
    ];

    /// <summary>From a batch of completions to <c>token_logps</c> [R, T].</summary>
    /// <param name="model">The model.</param>
    /// <param name="maxLength">The longest prompt with a completion, in tokens.</param>
    /// <param name="completions">R; 2P where pairs follow.</param>
    /// <param name="declareLoss">Declares the loss's own inputs.</param>
    /// <exception cref="NotSupportedException">The model reads what no batch has.</exception>
    public static Composition OfCompletions(DecoderModel model, int maxLength, Dim? completions, Action<GraphBuilder> declareLoss) =>
        Compose(model, maxLength, "training", [model.Embed(), .. model.Layers(), model.Head(completions)], declareLoss);

    /// <summary>From stacked rows, as inference has them, to <c>logits</c> [B, S, V].</summary>
    /// <inheritdoc cref="OfCompletions" path="/exception"/>
    public static Composition OfTexts(DecoderModel model, int maxLength)
    {
        var layers = model.Layers();
        return Compose(model, maxLength, "logits", [model.EmbedStacked(), .. layers, model.Logits()], _ => { });
    }

    static Composition Compose(
        DecoderModel model, int maxLength, string name, IReadOnlyList<Fragment> fragments, Action<GraphBuilder> declareLoss)
    {
        var composition = new Composition(name);
        var b = composition.Builder;
        var read = Read(fragments);
        foreach (var port in Batch.Where(read.ContainsKey))
        {
            composition[port] = b.Input(port, read[port].Type, read[port].Shape);
            read.Remove(port);
        }

        declareLoss(b);
        foreach (var parameter in model.Parameters)
        {
            composition.Declare(parameter.Name, model.Type, new Shape(parameter.Shape.Select(size => (Dim)size)));
        }

        foreach (var table in model.Tables().Where(table => read.Remove(table.Name)))
        {
            var (shape, values) = Cut(table, model.Sizes.MaxPositions, maxLength);
            Array data = model.Type == DataType.Float64 ? values : Array.ConvertAll(values, v => (float)v);
            composition[table.Name] = b.Constant(data, model.Type, shape);
        }

        if (read.Count > 0)
        {
            throw new NotSupportedException($"The {model.Family} model reads {string.Join(", ", read.Keys)}, which no batch has. "
                + $"Batches have {string.Join(", ", Batch)}.");
        }

        foreach (var (i, fragment) in fragments.Index())
        {
            composition.Append(fragment, Scope(i, fragments.Count));
        }

        return composition;
    }

    static string Scope(int index, int count) => index == 0 ? "embed" : index == count - 1 ? "head" : $"layers.{index - 1}";

    // What fragments read that is neither a parameter nor made by one before.
    static SortedDictionary<string, Value> Read(IReadOnlyList<Fragment> fragments)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        var read = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        foreach (var fragment in fragments)
        {
            foreach (var input in fragment.Graph.Inputs.Where(v => !fragment.ParameterNames.ContainsKey(v.Name) && !made.Contains(v.Name)))
            {
                read.TryAdd(input.Name, input);
            }

            made.UnionWith(fragment.Graph.Outputs.Select(v => v.Name));
            made.UnionWith(fragment.Graph.Outputs.Where(v => v.Name.EndsWith(FragmentPorts.OutSuffix, StringComparison.Ordinal))
                .Select(v => v.Name[..^FragmentPorts.OutSuffix.Length]));
        }

        return read;
    }

    // The lines of positions that no sequence reaches would be most of a small model's file.
    static (Shape Shape, double[] Values) Cut(ModelTable table, int positions, int maxLength)
    {
        if (table.Shape.Rank != 2 || table.Shape[0] != positions || maxLength >= positions)
        {
            return (table.Shape, table.Values);
        }

        var width = (int)table.Shape[1].Value!.Value;
        return (table.Shape.With(0, maxLength), table.Values[..(maxLength * width)]);
    }
}
