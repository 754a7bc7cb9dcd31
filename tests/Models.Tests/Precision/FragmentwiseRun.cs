using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Tests.Families;
using OrtDpo.Testing.Running;

namespace OrtDpo.Models.Tests.Precision;

/// <summary>A model's fragments one after the other, forward and backward, as an engine runs them.</summary>
/// <param name="model">The model.</param>
/// <param name="weights">Its weights.</param>
/// <param name="keep">Whether what the backward needs is saved, or computed again.</param>
/// <param name="made">From a fragment's gradient to the graphs that run.</param>
sealed class FragmentwiseRun(
    DecoderModel model, IReadOnlyDictionary<string, Tensor> weights, bool keep,
    Func<FragmentGradient, (OnnxGraph Forward, OnnxGraph Backward)> made)
{
    readonly Dictionary<OnnxGraph, (FragmentGradient Gradient, OnnxGraph Forward, OnnxGraph Backward)> graphs = [];
    readonly Dictionary<string, Tensor> gradients = new(StringComparer.Ordinal);

    /// <summary>Log-probabilities <c>[R, T]</c>, and the gradients of Σ slope · log-probability.</summary>
    public (Tensor TokenLogps, IReadOnlyDictionary<string, Tensor> Gradients) Run(PackedBatch batch, double[] slopes)
    {
        gradients.Clear();
        var feeds = ComposedLoss.Feeds(model, weights, batch);
        var stages = new List<(Fragment Fragment, string[] Seeds, string[] Wanted)>
        {
            (model.Embed(), [FragmentPorts.Hidden], []),
        };
        stages.AddRange(model.Layers().Select(l => (l, new[] { FragmentPorts.HiddenOut }, new[] { FragmentPorts.Hidden })));
        stages.Add((model.Head(), [FragmentPorts.TokenLogps], [FragmentPorts.Hidden]));

        var tapes = new Stack<(Fragment Fragment, string Seed, string[] Wanted, Dictionary<string, Tensor> Feeds)>();
        foreach (var (fragment, seeds, wanted) in stages)
        {
            var own = new Dictionary<string, Tensor>(feeds, StringComparer.Ordinal);
            foreach (var (input, parameter) in fragment.ParameterNames)
            {
                own[input] = weights[parameter];
            }

            foreach (var (name, value) in GraphRunner.Run(Graphs(fragment, seeds, wanted).Forward, own))
            {
                own[name] = value;
                feeds[name == FragmentPorts.HiddenOut ? FragmentPorts.Hidden : name] = value;
            }

            tapes.Push((fragment, seeds[0], wanted, own));
        }

        var incoming = Tensor.Of(model.Type, feeds[FragmentPorts.TokenLogps].Sizes, slopes);
        foreach (var (fragment, seed, wanted, own) in tapes)
        {
            own[FragmentGradient.Gradient(seed)] = incoming;
            if (Backward(fragment, own, Graphs(fragment, [seed], wanted).Backward) is { } gradHidden)
            {
                incoming = gradHidden;
            }
        }

        return (feeds[FragmentPorts.TokenLogps], gradients);
    }

    // The gradient of the hidden states; those of parameters are added to what is there.
    Tensor? Backward(Fragment fragment, Dictionary<string, Tensor> feeds, OnnxGraph backward)
    {
        foreach (var (input, parameter) in fragment.ParameterNames)
        {
            gradients.TryAdd(parameter, Zeros(weights[parameter]));
            feeds[FragmentGradient.Buffer(input)] = gradients[parameter];
        }

        var outputs = GraphRunner.Run(backward, feeds);
        foreach (var (input, parameter) in fragment.ParameterNames)
        {
            if (outputs.TryGetValue(FragmentGradient.Gradient(input), out var sum))
            {
                gradients[parameter] = sum;
            }

            gradients[parameter] = WithRows(gradients[parameter], input, outputs);
        }

        if (!feeds.TryGetValue(FragmentPorts.Hidden, out var hidden))
        {
            return null;
        }

        var gradient = outputs.TryGetValue(FragmentGradient.Gradient(FragmentPorts.Hidden), out var dense) ? dense : Zeros(hidden);
        return WithRows(gradient, FragmentPorts.Hidden, outputs);
    }

    (OnnxGraph Forward, OnnxGraph Backward) Graphs(Fragment fragment, string[] seeds, string[] wanted)
    {
        if (!graphs.TryGetValue(fragment.Graph, out var found))
        {
            var gradient = FragmentGradient.Build(fragment.Graph, seeds, wanted, fragment.ParameterNames.Keys, keep);
            var (forward, backward) = made(gradient);
            graphs.Add(fragment.Graph, found = (gradient, forward, backward));
        }

        return (found.Forward, found.Backward);
    }

    Tensor Zeros(Tensor like) => Tensor.Of(model.Type, like.Sizes, new double[like.Data.Length]);

    Tensor WithRows(Tensor sum, string name, IReadOnlyDictionary<string, Tensor> outputs)
    {
        if (!outputs.TryGetValue(FragmentGradient.Rows(name), out var rows))
        {
            return sum;
        }

        var (total, added, width) = (sum.Numbers(), rows.Numbers(), (int)sum.Sizes[^1]);
        foreach (var (row, line) in ((long[])outputs[FragmentGradient.RowIndices(name)].Data).Index())
        {
            for (var i = 0; i < width; i++)
            {
                total[(line * width) + i] += added[(row * width) + i];
            }
        }

        return Tensor.Of(model.Type, sum.Sizes, total);
    }
}
