using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Import;

/// <summary>
/// A decoder of another tool as this project's parts: a body from tokens to hidden states, the product that makes logits of them, its
/// parameters.
/// </summary>
public sealed class ForeignModel
{
    ForeignModel(OnnxGraph body, IReadOnlyList<ModelParameter> parameters, ForeignHead? head, long vocabulary, long? positions,
        IReadOnlyList<ForeignCopy> copies)
    {
        Body = body;
        Parameters = parameters;
        Head = head;
        Vocabulary = vocabulary;
        Positions = positions;
        Copies = copies;
    }

    /// <summary>
    /// From <c>input_ids</c>, <c>attention_mask</c>, <c>position_ids</c> (those of them that the model reads, int64 [B, S]) and parameters
    /// to <c>hidden</c> [B, S, H]; where no last product was recognised, these are the logits [B, S, V].
    /// </summary>
    public OnnxGraph Body { get; }

    /// <summary>What trains, in the order of the file's initializers.</summary>
    public IReadOnlyList<ModelParameter> Parameters { get; }

    /// <summary>The last product; null where it was not recognised.</summary>
    public ForeignHead? Head { get; }

    /// <summary>Tokens: the last dimension of the logits.</summary>
    public long Vocabulary { get; }

    /// <summary>The longest sequence that the model's tables allow; null where none bounds it.</summary>
    public long? Positions { get; }

    /// <summary>Initializers that repeat a parameter, as exporters write a tied head.</summary>
    public IReadOnlyList<ForeignCopy> Copies { get; }

    /// <summary>Reads the model in <paramref name="file"/>.</summary>
    /// <param name="file">An open file.</param>
    /// <param name="tied">Whether a head that equals the embedding is the embedding; null = where it equals it.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The graph holds what is not read; the message names the node.</exception>
    public static ForeignModel Read(OnnxFile file, bool? tied = null)
    {
        var output = LogitsOf(file);
        var (chosen, positions) = Choose(file, output);
        var import = new GraphImport(file, chosen);
        var logits = import.Read(output);
        RequireLogits(file, logits);
        var weights = import.Builder.Inputs.Where(i => chosen.Contains(i.Name, StringComparer.Ordinal)).ToHashSet();
        var product = LastProduct.Find(import.Builder, logits, weights);
        var copies = new List<ForeignCopy>();
        if (product is not null && tied != false && TiedHead.Find(file, import.Builder, product) is { } embedding)
        {
            copies.Add(new ForeignCopy(product.Weight.Name, embedding.Name, Transposed: !product.RowsAreTokens));
            product = product with { Weight = embedding, RowsAreTokens = true };
        }

        var hidden = product?.Hidden ?? logits;
        var shaped = import.Reshape(hidden, new Shape(ModelInputs.Batch, ModelInputs.Sequence, hidden.Shape[-1]));
        var body = import.Builder.Build([(FragmentPorts.Hidden, shaped)], pruneInputs: true);
        var used = body.Inputs.Select(i => i.Name).Append(product?.Weight.Name).Append(product?.Bias?.Name).ToHashSet();
        return new ForeignModel(
            body,
            [.. chosen.Where(used.Contains).Select(n => new ModelParameter(n, [.. file.Initializers[n].Dims]))],
            product is null ? null : new ForeignHead(product.Weight.Name, product.Weight.Shape, product.RowsAreTokens, product.Bias?.Name),
            logits.Shape[-1].Value!.Value,
            Least(positions, import.Positions),
            copies);
    }

    // A first reading with every float initializer as an input shows how each is used.
    static (List<string> Chosen, long? Positions) Choose(OnnxFile file, string output)
    {
        var candidates = file.Graph.Initializer
            .Where(i => ((ElementType)i.DataType).Computed() == DataType.Float32 && i.Dims.Aggregate(1L, (a, b) => a * b) > 1)
            .Select(i => i.Name)
            .ToList();
        var import = new GraphImport(file, candidates);
        var logits = import.Read(output);
        var needed = import.Builder.Build([(output, logits)], pruneInputs: true).Inputs.Select(i => i.Name).ToHashSet();
        var weights = import.Builder.Inputs.Where(i => needed.Contains(i.Name) && candidates.Contains(i.Name)).ToHashSet();
        var choice = new ParameterChoice(import.Builder, weights, import.Builder.Inputs.First(i => i.Name == FragmentPorts.InputIds));
        var chosen = candidates.Where(n => weights.FirstOrDefault(w => w.Name == n) is { } weight && choice.Trains(weight)).ToList();
        return chosen.Count > 0
            ? (chosen, Least(choice.Positions(), import.Positions))
            : throw new NotSupportedException(
                $"{file.Path}: no float initializer reaches '{output}', so there is nothing to train. Export the weights as initializers.");
    }

    static string LogitsOf(OnnxFile file)
    {
        var outputs = file.Graph.Output.Select(o => o.Name).ToList();
        return outputs.Contains(FragmentPorts.Logits) ? FragmentPorts.Logits
            : outputs is [var only] ? only
            : throw new NotSupportedException($"{file.Path} has the outputs {string.Join(", ", outputs)}; expected 'logits' among them.");
    }

    static void RequireLogits(OnnxFile file, Value logits)
    {
        var shape = logits.Shape;
        if (shape.Rank != 3 || shape[0] != ModelInputs.Batch || shape[1] != ModelInputs.Sequence || shape[2].Value is null)
        {
            throw new NotSupportedException(
                $"{file.Path}: the logits have the shape {shape}; expected [B, S, vocabulary], one line for every token. "
                + "Export the model without a choice of positions.");
        }
    }

    static long? Least(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}

/// <summary>The product that makes logits of hidden states.</summary>
/// <param name="Weight">The parameter's name.</param>
/// <param name="Shape"><c>[V, H]</c> or <c>[H, V]</c>.</param>
/// <param name="RowsAreTokens">The weight is <c>[V, H]</c>.</param>
/// <param name="Bias">The name of a parameter <c>[V]</c>, or null.</param>
public sealed record ForeignHead(string Weight, Shape Shape, bool RowsAreTokens, string? Bias);

/// <summary>An initializer that holds a parameter's numbers once more.</summary>
/// <param name="Name">The initializer's name.</param>
/// <param name="Parameter">The parameter's name.</param>
/// <param name="Transposed">Whether rows and columns are exchanged.</param>
public sealed record ForeignCopy(string Name, string Parameter, bool Transposed);
