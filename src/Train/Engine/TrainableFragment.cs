using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>The forward and backward sessions of a fragment's graph, shared by all its layers.</summary>
sealed class TrainableFragment : IDisposable
{
    readonly FragmentGradient _gradient;
    readonly FragmentSession _forward;
    readonly FragmentSession _backward;
    readonly MemoryPool _pool;
    readonly ModelParameters _parameters;
    readonly IReadOnlyDictionary<string, TrainedParameter> _trained;

    public TrainableFragment(
        OnnxGraph graph, IEnumerable<string> seeds, IEnumerable<string> wanted, IEnumerable<string> trained, bool keep,
        ModelParameters parameters, IReadOnlyDictionary<string, TrainedParameter> state, MemoryPool pool)
    {
        _gradient = FragmentGradient.Build(graph, seeds, wanted, trained, keep);
        _forward = new FragmentSession(_gradient.Forward);
        _backward = new FragmentSession(_gradient.Backward);
        _parameters = parameters;
        _trained = state;
        _pool = pool;
    }

    /// <summary>Runs forward: the fragment's outputs and the saved values.</summary>
    public Dictionary<string, NativeTensor> Forward(IReadOnlyDictionary<string, string> names, Dictionary<string, NativeTensor> inputs) =>
        _forward.Run(names, _parameters, inputs, _pool);

    /// <summary>The saved values among the outputs of <see cref="Forward"/>.</summary>
    public Dictionary<string, NativeTensor> SavedOf(Dictionary<string, NativeTensor> outputs) =>
        _gradient.Saved.ToDictionary(n => n, n => outputs[n], StringComparer.Ordinal);

    /// <summary>
    /// Runs backward. Gradients of parameters are added in place; the gradients of the wanted inputs are returned, those that touch rows
    /// only as <see cref="FragmentGradient.Rows"/> and <see cref="FragmentGradient.RowIndices"/>.
    /// </summary>
    /// <param name="names">From graph input to parameter.</param>
    /// <param name="inputs">The forward's inputs, the saved values and the incoming gradients.</param>
    public Dictionary<string, NativeTensor> Backward(IReadOnlyDictionary<string, string> names, Dictionary<string, NativeTensor> inputs)
    {
        var bound = new Dictionary<string, NativeTensor>(StringComparer.Ordinal);
        var tensors = new Dictionary<string, NativeTensor>(inputs, StringComparer.Ordinal);
        foreach (var (input, parameter) in names)
        {
            // One tensor as input and output: the graph's builder has checked that the node that writes it is its only reader.
            tensors[FragmentGradient.Buffer(input)] = _trained[parameter].Gradient;
            bound[FragmentGradient.Gradient(input)] = _trained[parameter].Gradient;
        }

        var outputs = _backward.Run(names, _parameters, tensors, _pool, bound);
        foreach (var (input, parameter) in names)
        {
            outputs.Remove(FragmentGradient.Gradient(input));
            if (outputs.Remove(FragmentGradient.Rows(input), out var rows)
                && outputs.Remove(FragmentGradient.RowIndices(input), out var indices))
            {
                RowScatter.Add(_trained[parameter].Gradient, indices, rows);
                rows.Dispose();
                indices.Dispose();
            }
        }

        return outputs;
    }

    public void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
    }
}
