using OrtDpo.Core.Training;
using OrtDpo.Graph.Fragments;
using OrtDpo.Graph.Models;
using OrtDpo.Graph.Weights;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Train.Engine;

/// <summary>
/// Trains a model by running its fragments one after the other as small sessions: embed → layers → head → loss, and back. Between them the host
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
    readonly Fragment[] _layers;
    readonly TrainableFragment _embedSessions;
    readonly TrainableFragment _layerSessions;
    readonly TrainableHead _headSessions;
    readonly LossSession _pairLoss;
    readonly LossSession _supervisedLoss;

    StepEngine(ModelParameters parameters, EngineOptions options)
    {
        _options = options;
        _parameters = parameters;
        _trained = parameters.Names.ToDictionary(n => n, n => new TrainedParameter(n, parameters[n]), StringComparer.Ordinal);
        _chunks = ParameterChunk.Of(parameters.Names.Select(n => _trained[n]));
        _scorer = new PairScorer(parameters, _pool);

        var model = new LlamaModel(parameters.Config);
        _embed = model.Embed();
        _head = model.Head();
        var layer = model.Layer();
        _layers = [.. Enumerable.Range(0, parameters.Config.NumHiddenLayers).Select(i => LlamaModel.LayerAt(layer, i))];
        _embedSessions = Trainable(_embed, ["hidden"], wanted: [], keep: false);
        _layerSessions = Trainable(_layers[0], ["hidden_out"], wanted: ["hidden"], keep: !options.Recompute);
        _headSessions = new TrainableHead(
            keep => Trainable(_head, ["token_logps"], wanted: ["hidden"], keep), _head.ParameterNames, parameters.Config.VocabSize, !options.Recompute, _pool);
        _pairLoss = LossSession.Sigmoid(options.Beta, _pool);
        _supervisedLoss = LossSession.Supervised(_pool);
    }

    /// <summary>Opens a model folder for training; its files do not change.</summary>
    public static StepEngine Open(string modelFolder, EngineOptions options)
    {
        OrtProcess.Start(options.Threads);
        return new StepEngine(ModelParameters.Open(modelFolder, WeightMapping.CopyOnWrite), options);
    }

    public LlamaConfig Config => _parameters.Config;

    /// <summary>The policy's parameters as they are now; owned by the engine.</summary>
    public ModelParameters Parameters => _parameters;

    public BatchScores Score(TrainingBatch batch) => Loss(batch).Score(batch, _scorer.Score(batch.Packed));

    public BatchScores Accumulate(TrainingBatch batch, float lossScale)
    {
        using var tensors = new BatchTensors(batch.Packed, _pool);
        var tape = new List<Dictionary<string, NativeTensor>>();
        var embedded = _embedSessions.Forward(_embed.ParameterNames, EmbedInputs(tensors));
        var mask = embedded["mask"];
        var hidden = embedded["hidden"];
        foreach (var layer in _layers)
        {
            var outputs = _layerSessions.Forward(layer.ParameterNames, LayerInputs(tensors, hidden, mask));
            var saved = _layerSessions.SavedOf(outputs);
            saved.Add("hidden", hidden);
            tape.Add(saved);
            hidden = outputs["hidden_out"];
        }

        var (tokenLogps, headTape) = _headSessions.Forward(tensors, hidden);
        var loss = Loss(batch);
        var scores = loss.Score(batch, tokenLogps);
        var gradHidden = _headSessions.Backward(tensors, hidden, headTape, loss.Gradient(batch, tokenLogps, lossScale));
        hidden.Dispose();
        for (var i = _layers.Length - 1; i >= 0; i--)
        {
            gradHidden = LayerBackward(_layers[i], tensors, mask, tape[i], gradHidden);
        }

        var inputs = EmbedInputs(tensors);
        inputs[FragmentGradient.Gradient("hidden")] = gradHidden;
        _embedSessions.Backward(_embed.ParameterNames, inputs).DisposeAll();
        gradHidden.Dispose();
        mask.Dispose();
        return scores;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        _pool.EndStep();
        return AdamW.Apply(_chunks, update, _options.Threads);
    }

    public void WriteState(string folder) => EngineState.Write(folder, _parameters.Names.Select(n => _trained[n]));

    public void ReadState(string folder) => EngineState.Read(folder, _parameters.Names.Select(n => _trained[n]));

    /// <summary>The accumulated gradient of parameter <paramref name="name"/>, not clipped.</summary>
    public ReadOnlySpan<float> Gradient(string name) => _trained[name].Gradient.Span<float>();

    public void Dispose()
    {
        _pairLoss.Dispose();
        _supervisedLoss.Dispose();
        _headSessions.Dispose();
        _layerSessions.Dispose();
        _embedSessions.Dispose();
        _scorer.Dispose();
        foreach (var parameter in _trained.Values)
        {
            parameter.Dispose();
        }

        _parameters.Dispose();
        _pool.Dispose();
    }

    NativeTensor LayerBackward(Fragment layer, BatchTensors batch, NativeTensor mask, Dictionary<string, NativeTensor> saved, NativeTensor gradHidden)
    {
        var inputs = LayerInputs(batch, saved["hidden"], mask);
        foreach (var (name, tensor) in saved)
        {
            inputs[name] = tensor;
        }

        inputs[FragmentGradient.Gradient("hidden_out")] = gradHidden;
        var outputs = _layerSessions.Backward(layer.ParameterNames, inputs);
        saved.DisposeAll();
        gradHidden.Dispose();
        return outputs[FragmentGradient.Gradient("hidden")];
    }

    LossSession Loss(TrainingBatch batch) => batch.Packed.Pairs > 0 ? _pairLoss : _supervisedLoss;

    TrainableFragment Trainable(Fragment fragment, string[] seeds, string[] wanted, bool keep) =>
        new(fragment.Graph, seeds, wanted, fragment.ParameterNames.Keys, keep, _parameters, _trained, _pool);

    static Dictionary<string, NativeTensor> EmbedInputs(BatchTensors batch) =>
        new(StringComparer.Ordinal) { ["input_ids"] = batch.InputIds, ["segment_ids"] = batch.SegmentIds };

    Dictionary<string, NativeTensor> LayerInputs(BatchTensors batch, NativeTensor hidden, NativeTensor mask) => new(StringComparer.Ordinal)
    {
        ["hidden"] = hidden, ["mask"] = mask, ["position_ids"] = batch.PositionIds,
        ["rope_cos"] = _parameters.RopeCos, ["rope_sin"] = _parameters.RopeSin,
    };
}
