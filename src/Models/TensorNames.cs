using OrtDpo.Models.Decoders;

namespace OrtDpo.Models;

/// <summary>
/// Which parameter each tensor of a checkpoint is. Savers put a model's body under the prefix of the class that they saved:
/// <c>model.</c>, <c>transformer.</c>, <c>language_model.model.</c>, none; or under one of their own, which is theirs alone where the whole
/// body lies under it. A parameter has its family's name wherever the tensor lies, as long as all tensors of the body lie under one prefix.
/// </summary>
sealed class TensorNames
{
    // Of the classes that are saved, and of what wraps them (DistributedDataParallel, torch.compile). Any other word before a parameter's
    // name makes it another tensor.
    static readonly string[] Words = ["model", "transformer", "language_model", "module", "_orig_mod"];

    // What shards or recomputes a part of a model stands in the middle of names.
    static readonly string[] Wrappers = ["_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_orig_mod."];

    readonly DecoderModel model;
    readonly Dictionary<string, string> parameterByStem = new(StringComparer.Ordinal);
    readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);

    public TensorNames(DecoderModel model, IReadOnlyList<string> tensors)
    {
        this.model = model;
        foreach (var name in model.Parameters.Select(p => p.Name).Concat(model.Tie is { } tie ? [tie.Head] : []))
        {
            parameterByStem.TryAdd(IsInBody(name) ? name[model.BodyPrefix.Length..] : name, name);
        }

        foreach (var tensor in tensors.Where(t => !model.IsBuffer(t)))
        {
            if ((Find(tensor) ?? Find(Unwrapped(tensor))) is { } place)
            {
                places.Add(tensor, place);
            }
        }

        if (!places.Values.Any(place => IsInBody(place.Parameter)))
        {
            FindUnderAnyPrefix(tensors);
        }
    }

    /// <summary>What a reader should know; null where the names are the family's.</summary>
    public string? Note => Prefixes() is [var (prefix, _)] && prefix != model.BodyPrefix
            ? $"its tensors lie {Under(prefix)}, where {model.Family} has '{model.BodyPrefix}'; "
                + "they are read, digested and saved under that"
        : Array.Find(Wrappers, wrapper => places.Keys.Any(tensor => tensor.Contains(wrapper, StringComparison.Ordinal))) is { } found
            ? $"the names of its tensors hold '{found}'; they are read, digested and saved without it"
        : null;

    /// <summary>What is ambiguous about the names, as words that follow the folder's; null where nothing is.</summary>
    public string? Fault()
    {
        if (places.GroupBy(p => p.Value.Parameter).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return $"{string.Join(" and ", twice.Select(p => $"'{p.Key}'"))} are the same parameter. Expected it once.";
        }

        return Prefixes() is [var (one, oneTensor), var (other, otherTensor), ..]
            ? $"'{oneTensor}' lies {Under(one)} and '{otherTensor}' {Under(other)}. Expected all tensors of a model under one prefix. "
                + "Fetch or save it again."
            : null;
    }

    /// <summary>The parameter that a tensor is; its own name where it is none.</summary>
    public string ParameterOf(string tensor) => places.TryGetValue(tensor, out var place) ? place.Parameter : tensor;

    // The prefixes under which the body lies, each with a tensor.
    List<(string Prefix, string Tensor)> Prefixes() =>
        [.. places.Where(p => IsInBody(p.Value.Parameter)).DistinctBy(p => p.Value.Prefix).Select(p => (p.Value.Prefix, p.Key))];

    bool IsInBody(string parameter) => parameter.StartsWith(model.BodyPrefix, StringComparison.Ordinal);

    // The longest of its endings that is a parameter's name without the prefix.
    Place? Find(string tensor)
    {
        for (var start = 0; ; start++)
        {
            if (parameterByStem.TryGetValue(tensor[start..], out var parameter))
            {
                return new Place(tensor[..start], parameter);
            }

            var end = tensor.IndexOf('.', start);
            if (end < 0 || !Words.Contains(tensor[start..end]))
            {
                return null;
            }

            start = end;
        }
    }

    // A student, an actor: whatever a program called the model. Another tower has parameters of the same names under a prefix of its own.
    void FindUnderAnyPrefix(IReadOnlyList<string> tensors)
    {
        var bodies = parameterByStem.Where(p => IsInBody(p.Value)).ToList();
        // Two that differ in a wrapper's words alone are no names of one model.
        var known = tensors.DistinctBy(Unwrapped).ToDictionary(Unwrapped, tensor => tensor, StringComparer.Ordinal);
        if (known.Count < tensors.Count)
        {
            return;
        }

        var (stem, _) = bodies[0];
        var prefixes = known.Keys.Where(name => name.EndsWith("." + stem, StringComparison.Ordinal))
            .Select(name => name[..^stem.Length])
            .Where(prefix => bodies.TrueForAll(body => known.ContainsKey(prefix + body.Key)))
            .ToList();
        if (prefixes is not [var only])
        {
            return;
        }

        foreach (var (ending, parameter) in bodies)
        {
            places[known[only + ending]] = new Place(only, parameter);
        }

        // What is no part of the body lies beside it: lm_head where the body is model.
        if (model.Tie is { } tie && !IsInBody(tie.Head) && only.EndsWith(model.BodyPrefix, StringComparison.Ordinal)
            && known.TryGetValue(only[..^model.BodyPrefix.Length] + tie.Head, out var head))
        {
            places[head] = new Place(only[..^model.BodyPrefix.Length], tie.Head);
        }
    }

    static string Unwrapped(string tensor)
    {
        foreach (var wrapper in Wrappers)
        {
            tensor = tensor.Replace(wrapper, "", StringComparison.Ordinal);
        }

        return tensor;
    }

    static string Under(string prefix) => prefix.Length == 0 ? "under no prefix" : $"under '{prefix}'";

    readonly record struct Place(string Prefix, string Parameter);
}
