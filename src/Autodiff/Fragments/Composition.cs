using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Fragments;

/// <summary>
/// Writes fragments one after the other into one graph: for artifacts, export and tests. Parameters become inputs under their Hugging Face
/// names, shared where fragments share them (a tied embedding).
/// </summary>
public sealed class Composition(string name)
{
    readonly Dictionary<string, Value> values = new(StringComparer.Ordinal);
    readonly Dictionary<string, Value> parameters = new(StringComparer.Ordinal);

    public GraphBuilder Builder { get; } = new(name);

    /// <summary>The parameters so far, by their Hugging Face names.</summary>
    public IReadOnlyDictionary<string, Value> Parameters => parameters;

    /// <summary>Declares a parameter before a fragment reads it, so that it stands among the graph's inputs where it is wanted.</summary>
    public Value Declare(string parameter, DataType type, Shape shape)
    {
        var value = Builder.Input(parameter, type, shape);
        parameters.Add(parameter, value);
        return value;
    }

    /// <summary>The value that a fragment's input or output of this name stands for.</summary>
    public Value this[string name]
    {
        get => values[name];
        set => values[name] = value;
    }

    /// <summary>
    /// Appends a fragment. Inputs that are neither parameters nor known values become inputs of the composition; its outputs become known
    /// values, an output <c>X_out</c> under the name X.
    /// </summary>
    /// <param name="fragment">The fragment.</param>
    /// <param name="scope">What the names of its nodes begin with.</param>
    /// <param name="attention">What stands for attention: <see cref="GraphBuilder.Inline"/>.</param>
    public void Append(Fragment fragment, string scope, Func<Node, Value?[], Value>? attention = null)
    {
        var bound = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var input in fragment.Graph.Inputs)
        {
            bound[input.Name] = fragment.ParameterNames.TryGetValue(input.Name, out var parameter)
                ? Known(parameters, parameter, input)
                : Known(values, input.Name, input);
        }

        foreach (var (output, value) in Builder.Inline(fragment.Graph, bound, scope, attention))
        {
            const string Suffix = FragmentPorts.OutSuffix;
            values[output.EndsWith(Suffix, StringComparison.Ordinal) ? output[..^Suffix.Length] : output] = value;
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
