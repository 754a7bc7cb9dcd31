using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// Writes fragments one after the other into one graph: for artifacts, export and tests. Parameters become inputs under their Hugging Face
/// names, shared where fragments share them (a tied embedding).
/// </summary>
public sealed class Composition(string name)
{
    readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    readonly Dictionary<string, Value> _parameters = new(StringComparer.Ordinal);

    public GraphBuilder Builder { get; } = new(name);

    /// <summary>The parameters so far, by their Hugging Face names.</summary>
    public IReadOnlyDictionary<string, Value> Parameters => _parameters;

    /// <summary>The value that a fragment's input or output of this name stands for.</summary>
    public Value this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    /// <summary>
    /// Appends a fragment. Inputs that are neither parameters nor known values become inputs of the composition; its outputs become known
    /// values, an output <c>X_out</c> under the name X.
    /// </summary>
    public void Append(Fragment fragment, string scope)
    {
        var bound = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var input in fragment.Graph.Inputs)
        {
            bound[input.Name] = fragment.ParameterNames.TryGetValue(input.Name, out var parameter)
                ? Known(_parameters, parameter, input)
                : Known(_values, input.Name, input);
        }

        foreach (var (output, value) in Builder.Inline(fragment.Graph, bound, scope))
        {
            const string Suffix = FragmentPorts.OutSuffix;
            _values[output.EndsWith(Suffix, StringComparison.Ordinal) ? output[..^Suffix.Length] : output] = value;
        }
    }

    Value Known(Dictionary<string, Value> values, string name, Value like)
    {
        if (!values.TryGetValue(name, out var value))
        {
            values.Add(name, value = Builder.Input(name, like.Type, like.Shape));
        }

        return value;
    }
}
