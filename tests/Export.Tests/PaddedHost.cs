using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtDpo.Export.Tests;

/// <summary>Where a host pads the prompts of a batch.</summary>
public enum Padding
{
    /// <summary>Before them, as scripts over plain ONNX Runtime do.</summary>
    Left,

    /// <summary>Behind them, as ONNX Runtime GenAI does: what is made then follows the padding.</summary>
    Right,
}

/// <summary>
/// A host that knows nothing of this project: it continues a batch of prompts greedily, by the names, shapes and types that exported models
/// of ONNX Runtime GenAI have.
/// </summary>
sealed class PaddedHost(string model) : IDisposable
{
    readonly InferenceSession session = new(model);

    public InferenceSession Session => session;

    public void Dispose() => session.Dispose();

    /// <summary>The tokens that follow each prompt, and their log-probabilities.</summary>
    /// <param name="prompts">Their ids.</param>
    /// <param name="tokens">How many to make.</param>
    /// <param name="padding">Where shorter prompts are padded.</param>
    /// <param name="cache">Whether a step runs the new tokens alone; without, the whole text, with the padding where it was.</param>
    public (List<long> Tokens, List<double> Logps)[] Continue(int[][] prompts, int tokens, Padding padding, bool cache = true)
    {
        var (rows, width) = (prompts.Length, prompts.Max(prompt => prompt.Length));
        var made = prompts.Select(_ => (Tokens: new List<long>(), Logps: new List<double>())).ToArray();
        var mask = prompts.Select(prompt => new List<long>(Padded(prompt.Select(_ => 1L), 0))).ToList();
        long[][] ids = [.. prompts.Select(prompt => Padded(prompt.Select(id => (long)id), 1))];
        long[][] positions = [.. prompts.Select(prompt => Padded(prompt.Select((_, i) => (long)i), 0))];
        int[] last = [.. prompts.Select(prompt => padding == Padding.Left ? width - 1 : prompt.Length - 1)];
        var past = Empty(rows);
        while (true)
        {
            var (logits, present) = Run(ids, mask, positions, past);
            (cache ? past : present).ForEach(value => value.Value.Dispose());
            past = cache ? present : past;
            var vocabulary = logits.Length / (rows * ids[0].Length);
            for (var row = 0; row < rows; row++)
            {
                var line = logits.AsSpan(((row * ids[0].Length) + last[row]) * vocabulary, vocabulary);
                var likeliest = TensorPrimitives.IndexOfMax<float>(line);
                made[row].Tokens.Add(likeliest);
                made[row].Logps.Add(LogSoftmax.At(line, likeliest));
                mask[row].Add(1);
            }

            if (made[0].Tokens.Count == tokens)
            {
                past.ForEach(value => value.Value.Dispose());
                return made;
            }

            long[][] next = [.. made.Select(row => (long[])[row.Tokens[^1]])];
            long[][] places = [.. prompts.Zip(made, (prompt, row) => (long[])[prompt.Length + row.Tokens.Count - 1])];
            (ids, positions) = cache ? (next, places) : (Behind(ids, next), Behind(positions, places));
            last = [.. ids.Select(row => row.Length - 1)];
        }

        static long[][] Behind(long[][] rows, long[][] next) => [.. rows.Zip(next, (row, more) => (long[])[.. row, .. more])];

        long[] Padded(IEnumerable<long> values, long with)
        {
            var list = values.ToList();
            var rest = Enumerable.Repeat(with, width - list.Count);
            return [.. padding == Padding.Left ? rest.Concat(list) : list.Concat(rest)];
        }
    }

    List<(string Name, OrtValue Value)> Empty(int rows) => [.. session.InputNames
        .Where(name => name.StartsWith("past_key_values.", StringComparison.Ordinal))
        .Select(name => (Name: name, Port: session.InputMetadata[name]))
        .Select(past => (past.Name, OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, past.Port.ElementDataType, [rows, past.Port.Dimensions[1], 0, past.Port.Dimensions[3]])))];

    (float[] Logits, List<(string Name, OrtValue Value)> Present) Run(
        long[][] ids, List<List<long>> mask, long[][] positions, List<(string Name, OrtValue Value)> past)
    {
        using var tokens = Rows(ids);
        using var attended = Rows([.. mask.Select(row => row.ToArray())]);
        using var places = Rows(positions);
        var inputs = new Dictionary<string, OrtValue>(past.ToDictionary(value => value.Name, value => value.Value))
        {
            ["input_ids"] = tokens, ["attention_mask"] = attended, ["position_ids"] = places,
        };
        using var options = new RunOptions();
        var outputs = session.Run(options, inputs, session.OutputNames);
        var named = session.OutputNames.Zip(outputs).ToDictionary();
        using var logits = named["logits"];
        return (
            Floats(logits),
            [.. past.Select(value => (value.Name, named[value.Name.Replace("past_key_values", "present", StringComparison.Ordinal)]))]);
    }

    static float[] Floats(OrtValue logits) => logits.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16
        ? Array.ConvertAll(logits.GetTensorDataAsSpan<Float16>().ToArray(), number => (float)number)
        : logits.GetTensorDataAsSpan<float>().ToArray();

    static OrtValue Rows(long[][] rows) =>
        OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
}
