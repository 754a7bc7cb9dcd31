using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Training;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Engine;

/// <summary>
/// Trains a model by running its fragments one after the other as small sessions: embed → layers → head, and back. Between them the host
/// holds the activations and keeps them or has them recomputed, so memory is a choice, and start-up costs the same at any depth.
/// </summary>
public sealed class StepEngine : ITrainingEngine
{
    readonly EngineOptions _options;
    readonly ModelParameters _parameters;
    readonly MemoryPool _pool = new();
    readonly Dictionary<string, TrainedParameter> _trained;
    readonly ParameterChunk[] _chunks;
    readonly PairScorer _scorer;
    readonly Fragment _embed;
    readonly Fragment _head;
    readonly IReadOnlyList<Fragment> _layers;
    readonly TrainableFragment _embedSessions;
    readonly Dictionary<OnnxGraph, TrainableFragment> _layerSessions;
    readonly TrainableHead _headSessions;

    StepEngine(ModelParameters parameters, EngineOptions options)
    {
        _options = options;
        _parameters = parameters;
        _trained = parameters.Names.ToDictionary(n => n, n => new TrainedParameter(n, parameters[n]), StringComparer.Ordinal);
        _chunks = ParameterChunk.Of(parameters.Names.Select(n => _trained[n]));
        _scorer = new PairScorer(parameters, _pool);

        _embed = Model.Embed();
        _head = Model.Head();
        _layers = Model.Layers();
        _embedSessions = Trainable(_embed, [FragmentPorts.Hidden], wanted: [], keep: !options.Recompute);
        _layerSessions = _layers.DistinctBy(l => l.Graph)
            .ToDictionary(
                l => l.Graph, l => Trainable(l, [FragmentPorts.HiddenOut], wanted: [FragmentPorts.Hidden], keep: !options.Recompute));
        _headSessions = new TrainableHead(
            keep => Trainable(_head, [FragmentPorts.TokenLogps], wanted: [FragmentPorts.Hidden], keep),
            _head.ParameterNames, Model.Sizes.VocabSize, !options.Recompute, _pool);
    }

    /// <summary>Opens a model folder for training; its files do not change.</summary>
    public static StepEngine Open(string modelFolder, EngineOptions options)
    {
        OrtProcess.Start(options.Threads);
        return new StepEngine(ModelParameters.Open(modelFolder, WeightMapping.CopyOnWrite), options);
    }

    public DecoderModel Model => _parameters.Model;

    public BatchLayout Layout => Model.Layout;

    /// <summary>The policy's parameters as they are now; owned by the engine.</summary>
    public ModelParameters Parameters => _parameters;

    public float[] Score(PackedBatch batch) => _scorer.Score(batch);

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        using var tensors = new BatchTensors(batch, Model.Sizes.MaxPositions, _pool);
        var tape = new List<Dictionary<string, NativeTensor>>();
        var inputs = new Dictionary<string, NativeTensor>(tensors.Inputs.Concat(_parameters.Tables), StringComparer.Ordinal);
        var shared = _embedSessions.Forward(_embed.ParameterNames, inputs);
        var embedTape = _embedSessions.SavedOf(shared);
        shared.Remove(FragmentPorts.Hidden, out var hidden);
        var layerInputs = new Dictionary<string, NativeTensor>(inputs.Concat(shared), StringComparer.Ordinal);
        foreach (var layer in _layers)
        {
            layerInputs[FragmentPorts.Hidden] = hidden!;
            var sessions = _layerSessions[layer.Graph];
            var outputs = sessions.Forward(layer.ParameterNames, layerInputs);
            var saved = sessions.SavedOf(outputs);
            saved.Add(FragmentPorts.Hidden, hidden!);
            tape.Add(saved);
            hidden = outputs[FragmentPorts.HiddenOut];
        }

        var (tokenLogps, headTape) = _headSessions.Forward(tensors, hidden!);
        var gradHidden = _headSessions.Backward(tensors, hidden!, headTape, slopes(tokenLogps));
        hidden!.Dispose();
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            gradHidden = LayerBackward(_layers[i], layerInputs, tape[i], gradHidden);
        }

        inputs[FragmentGradient.Gradient(FragmentPorts.Hidden)] = gradHidden;
        _embedSessions.Backward(_embed.ParameterNames, new(inputs.Concat(embedTape), StringComparer.Ordinal)).DisposeAll();
        gradHidden.Dispose();
        shared.DisposeAll();
        return tokenLogps;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        _pool.EndStep();
        return AdamW.Apply(_chunks, update, _options.Threads);
    }

    public void WriteState(string folder)
    {
        EngineState.Write(folder, _parameters.Names.Select(n => _trained[n]));
        Model.WriteBeside(folder);
    }

    public void ReadState(string folder) => EngineState.Read(folder, _parameters.Names.Select(n => _trained[n]));

    /// <summary>The accumulated gradient of parameter <paramref name="name"/>, not clipped.</summary>
    public ReadOnlySpan<float> Gradient(string name) => _trained[name].Gradient.Span<float>();

    public void Dispose()
    {
        _headSessions.Dispose();
        foreach (var sessions in _layerSessions.Values)
        {
            sessions.Dispose();
        }

        _embedSessions.Dispose();
        _scorer.Dispose();
        foreach (var parameter in _trained.Values)
        {
            parameter.Dispose();
        }

        _parameters.Dispose();
        _pool.Dispose();
    }

    NativeTensor LayerBackward(
        Fragment layer, Dictionary<string, NativeTensor> layerInputs, Dictionary<string, NativeTensor> saved, NativeTensor gradHidden)
    {
        var inputs = new Dictionary<string, NativeTensor>(layerInputs, StringComparer.Ordinal);
        foreach (var (name, tensor) in saved)
        {
            inputs[name] = tensor;
        }

        inputs[FragmentGradient.Gradient(FragmentPorts.HiddenOut)] = gradHidden;
        var outputs = _layerSessions[layer.Graph].Backward(layer.ParameterNames, inputs);
        saved.DisposeAll();
        gradHidden.Dispose();
        return outputs[FragmentGradient.Gradient(FragmentPorts.Hidden)];
    }

    TrainableFragment Trainable(Fragment fragment, string[] seeds, string[] wanted, bool keep) =>
        new(fragment.Graph, seeds, wanted, fragment.ParameterNames.Keys, keep, _parameters, _trained, _pool);
}
