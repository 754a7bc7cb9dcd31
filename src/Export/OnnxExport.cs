using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Import;
using OrtDpo.Models;
using OrtDpo.Runs;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export;

/// <summary>
/// Stage 3: from a trained model folder to a folder that ONNX Runtime's hosts load, checked against the policy before it gets its name.
/// </summary>
public static class OnnxExport
{
    /// <summary>
    /// Writes <c>model.onnx</c> (weights inside; above 2 GB in <c>model.onnx.data</c>), <c>config.json</c>, the tokenizer's files and
    /// <c>parity.json</c>. A model that came as ONNX keeps its graph, with the trained initializers.
    /// </summary>
    /// <param name="model">A Hugging Face folder: a checkpoint.</param>
    /// <param name="output">The folder to make; it must not exist.</param>
    /// <param name="pairs">Held-out pairs to compare on; at least one.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <exception cref="IOException">The output folder exists already.</exception>
    /// <exception cref="InvalidDataException">
    /// The exported model differs from the policy by more than the limits; nothing is left behind.
    /// </exception>
    public static ParityReport Run(string model, string output, IReadOnlyList<Example> pairs, int threads)
    {
        if (Path.Exists(output))
        {
            throw new IOException($"{output} exists already. Choose a new folder for the export, or remove it.");
        }

        OrtProcess.Start(threads);
        var temporary = output.TrimEnd(Path.DirectorySeparatorChar) + AtomicFile.TemporarySuffix;
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        Directory.CreateDirectory(temporary);
        try
        {
            using var parameters = ModelParameters.Open(model, WeightMapping.ReadOnly);
            WriteModel(Path.Combine(temporary, OnnxFile.FileName), parameters);
            foreach (var file in ModelTokenizer.Load(model).Files.Append(Path.Combine(model, ModelFolder.ConfigName)).Where(File.Exists))
            {
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)));
            }

            var report = Compare(parameters, Path.Combine(temporary, OnnxFile.FileName), pairs);
            FileJson.Write(Path.Combine(temporary, "parity.json"), report);
            if (!report.Holds)
            {
                throw new InvalidDataException(
                    $"The exported model differs from the policy: mean {report.MeanDifference:g3} and at most "
                    + $"{report.MaxDifference:g3} nats per token over {report.Tokens} tokens; "
                    + $"expected at most {report.MeanLimit:g3} and {report.MaxLimit:g3}. Nothing was exported.");
            }

            Directory.Move(temporary, output);
            return report;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    static void WriteModel(string path, ModelParameters parameters)
    {
        Initializer[] weights =
            [.. parameters.Names.Select(n => new Initializer(n, DataType.Float32, parameters[n].Shape, parameters[n].Pointer))];
        if (parameters.Model is OnnxDecoder foreign)
        {
            foreign.Write(path, weights);
            return;
        }

        OnnxModelWriter.Write(path, ModelComposition.Inference(parameters.Model).Lower(LoweringKind.Fused), weights);
    }

    static ParityReport Compare(ModelParameters parameters, string exported, IReadOnlyList<Example> pairs)
    {
        using var pool = new MemoryPool();
        using var policy = new DecoderScorer(parameters, pool);
        using var logits = new OnnxLogits(exported);
        return Parity.Measure(policy, logits, pairs);
    }
}
