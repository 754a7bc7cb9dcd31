using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export;

/// <summary>From a model and its adapter to a model folder with their sum, compared with the two before it gets its name.</summary>
public static class AdapterMerge
{
    // Of fixed tokens: what is compared is two ways to compute the same, on any tokens.
    const int Pairs = 8;
    const int LongestPart = 32;

    /// <summary>Merges.</summary>
    /// <param name="model">The model's folder, or an adapter's that names it.</param>
    /// <param name="adapter">The adapter's folder; null: <paramref name="model"/> is one.</param>
    /// <param name="output">The folder to make; it must not exist.</param>
    /// <param name="type">What the weights are stored in: F32, F16 or BF16; null: each as the model has it.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="weights">
    /// How the weights of its layers are held, as the adapter was trained on them; the merged model has what they stand for. Null: as its
    /// files have them.
    /// </param>
    /// <param name="quantize">
    /// What the merged weights of the layers are quantised to again: nf4, as bitsandbytes saves it; null: they are not.
    /// </param>
    /// <exception cref="IOException">The output folder exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// There is no adapter, it is of another model, or the merged model differs by more than the limits; nothing is left behind.
    /// </exception>
    public static MergeResult Run(
        string model, string? adapter, string output, WeightType? type, int threads, BaseWeights? weights = null,
        BaseWeights? quantize = null)
    {
        if (quantize is not null && quantize.Form is not { IsNf4: true })
        {
            throw new NotSupportedException($"`Quantize` is {quantize.Name}: a merged folder can be nf4, as bitsandbytes saves it. "
                + "Leave it out, or pass nf4.");
        }

        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the merged model, or remove it.");
        }

        OrtProcess.Start(threads);
        using var folder = ModelFolder.Open(model, adapter, WeightMapping.ReadOnly, weights);
        if (folder.Adapter is null)
        {
            var found = File.Exists(Path.Combine(model, LoraConfig.FileName)) ? "holds a model" : $"holds no {LoraConfig.FileName}";
            throw new InvalidDataException($"{model} {found}: it is no adapter. "
                + "Give a run's checkpoint, or a folder that PEFT saved, as `Adapter`.");
        }

        if (folder.Model is AdaptedModel { Base: OnnxDecoder } && type is not (null or WeightType.F32))
        {
            throw new NotSupportedException($"{folder.Path} is an ONNX model, which is merged in float32. Leave the dtype out; export "
                + "stores weights in another type.");
        }

        var pairs = ProbePairs(folder.Model.Sizes.VocabSize, folder.Model.Sizes.MaxPositions);
        var expected = Parity.Scores(folder, pairs);
        var stored = type ?? folder.StoredType;
        // What the files have in 4 bits gets the type of the rest.
        var types = folder.BaseParameters.ToDictionary(
            name => name,
            name => type ?? (folder.Quantized is { Form: null } quantized && quantized.Find(name) is not null
                ? stored
                : folder.Find(name)!.Type),
            StringComparer.Ordinal);
        var isDequantised = folder.Quantized is { Form: null };
        MergedAdapter.Into(folder);
        var merged = Parity.Distance(expected.Zip(Parity.Scores(folder, pairs)));
        var report = new ParityReport(
            pairs.Count, merged.Tokens, merged.Mean, merged.Max, merged.WorstPair, Parity.MeanLimit, Parity.MaxLimit);
        if (!report.Holds)
        {
            throw new InvalidDataException(
                $"The merged model differs from the model with its adapter: {report.Fault}. Nothing was written.");
        }

        return NewFolder.Make(output, temporary =>
        {
            Write(folder, adapter ?? model, temporary, types, stored, isDequantised, quantize is not null);
            if (types.Values.Any(t => t != WeightType.F32) || quantize is not null)
            {
                using var rounded = ModelFolder.Open(temporary);
                var distance = Parity.Distance(expected.Zip(Parity.Scores(rounded, pairs)));
                report = report with { Rounding = new Rounding(quantize?.Name ?? stored.ConfigName(), distance.Mean, distance.Max) };
            }

            return new MergeResult(output, folder.Path, stored, report);
        });
    }

    static void Write(
        ModelFolder folder, string adapter, string to, Dictionary<string, WeightType> types, WeightType stored, bool isDequantised,
        bool isNf4)
    {
        var weights = Path.Combine(to, ShardedWeights.SingleFile);
        var quantized = isNf4 ? Nf4Folder.Tensors(folder, stored, OrtProcess.Threads) : null;
        AtomicFile.Write(weights, file => SafetensorsWriter.Write(file, folder.Parameters.SelectMany(name =>
            quantized?.GetValueOrDefault(name) ??
            [
                new TensorSource(name, folder.Find(name)!.Type, folder.Find(name)!.Shape, folder.Address(name)) { SavedAs = types[name] },
            ])));
        foreach (var file in Beside(folder, adapter, stored))
        {
            (file with { IsDequantised = isDequantised, IsNf4 = isNf4 }).WriteTo(to);
        }

        folder.Model.WriteBeside(to);
    }

    // The base's, with the template that the adapter was trained with, where that is another.
    static IReadOnlyList<HostFile> Beside(ModelFolder folder, string adapter, WeightType stored)
    {
        var files = HostFile.Of(folder.Path, ModelTokenizer.Load(folder.Path).Files, stored);
        return ChatTemplateFolder.Source(adapter) is not { } template || template == ChatTemplateFolder.Source(folder.Path)
            ? files
            : HostFile.Changed(files, (names, read) => TemplatePlaces.With(names, read, template));
    }

    // A prime stride spreads the ids over any vocabulary.
    static List<Example> ProbePairs(int vocabulary, int positions)
    {
        var (next, part) = (0, Math.Max(1, Math.Min(LongestPart, positions / 2)));
        return [.. Enumerable.Range(0, Pairs).Select(_ => Example.Pair(Ids(), Ids(), Ids()))];

        int[] Ids() => [.. Enumerable.Range(0, part).Select(_ => (int)(7919L * ++next % vocabulary))];
    }
}
