using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>The forward and backward sessions of a fragment's graph, shared by all its layers.</summary>
sealed class TrainableFragment : IDisposable
{
    readonly FragmentGradient gradient;
    readonly FragmentSession forward;
    readonly FragmentSession backward;
    readonly MemoryPool pool;
    readonly ModelParameters parameters;
    readonly IReadOnlyDictionary<string, TrainedParameter> trained;

    public TrainableFragment(
        Fragment fragment, IEnumerable<string> seeds, IEnumerable<string> wanted, IEnumerable<string> trained, bool keep,
        ModelParameters parameters, IReadOnlyDictionary<string, TrainedParameter> state, MemoryPool pool)
    {
        gradient = parameters.Precision(fragment.ParameterNames)
            .Of(FragmentGradient.Build(fragment.Graph, seeds, wanted, trained, keep));
        forward = new FragmentSession(gradient.Forward);
        backward = new FragmentSession(gradient.Backward);
        this.parameters = parameters;
        this.trained = state;
        this.pool = pool;
    }

    /// <summary>Runs forward: the fragment's outputs and the saved values.</summary>
    public Dictionary<string, DeviceTensor> Forward(IReadOnlyDictionary<string, string> names, Dictionary<string, DeviceTensor> inputs) =>
        forward.Run(names, parameters, inputs, pool);

    /// <summary>The saved values among the outputs of <see cref="Forward"/>.</summary>
    public Dictionary<string, DeviceTensor> SavedOf(Dictionary<string, DeviceTensor> outputs) =>
        gradient.Saved.ToDictionary(n => n, n => outputs[n], StringComparer.Ordinal);

    /// <summary>
    /// Runs backward. Gradients of parameters are added in place; the gradients of the wanted inputs are returned, those that touch rows
    /// only as <see cref="FragmentGradient.Rows"/> and <see cref="FragmentGradient.RowIndices"/>.
    /// </summary>
    /// <param name="names">From graph input to parameter.</param>
    /// <param name="inputs">The forward's inputs, the saved values and the incoming gradients.</param>
    /// <param name="sums">Tensors that gradients of further inputs are added to in place.</param>
    public Dictionary<string, DeviceTensor> Backward(
        IReadOnlyDictionary<string, string> names, Dictionary<string, DeviceTensor> inputs,
        IReadOnlyDictionary<string, DeviceTensor>? sums = null)
    {
        var bound = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal);
        var tensors = new Dictionary<string, DeviceTensor>(inputs, StringComparer.Ordinal);
        foreach (var (input, sum) in sums ?? new Dictionary<string, DeviceTensor>())
        {
            tensors[FragmentGradient.Buffer(input)] = sum;
            bound[FragmentGradient.Gradient(input)] = sum;
        }

        foreach (var (input, parameter) in names.Where(n => trained.ContainsKey(n.Value)))
        {
            // One tensor as input and output: the graph's builder has checked that the node that writes it is its only reader.
            tensors[FragmentGradient.Buffer(input)] = trained[parameter].Gradient;
            bound[FragmentGradient.Gradient(input)] = trained[parameter].Gradient;
        }

        var outputs = backward.Run(names, parameters, tensors, pool, bound);
        foreach (var input in sums?.Keys ?? [])
        {
            outputs.Remove(FragmentGradient.Gradient(input));
        }

        foreach (var (input, parameter) in names.Where(n => trained.ContainsKey(n.Value)))
        {
            outputs.Remove(FragmentGradient.Gradient(input));
            if (outputs.Remove(FragmentGradient.Rows(input), out var rows)
                && outputs.Remove(FragmentGradient.RowIndices(input), out var indices))
            {
                parameters.RowAdder.Add(trained[parameter].Gradient, indices, rows, pool);
                rows.Dispose();
                indices.Dispose();
            }
        }

        return outputs;
    }

    public void Dispose()
    {
        forward.Dispose();
        backward.Dispose();
    }
}
