using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Heads;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Train.Engine;

/// <summary>A head that ends in a product with the vocabulary, which runs in parts: its size sets no peak.</summary>
/// <param name="rows">The head up to the product.</param>
/// <param name="names">From inputs of <paramref name="rows"/> to parameters.</param>
/// <param name="vocabulary">The product.</param>
/// <param name="weight">The matrix of the product with its gradient; null where it does not train.</param>
/// <param name="keep">Whether logits may be kept.</param>
/// <param name="parameters">The model's parameters, which outlive this.</param>
/// <param name="pool">Where tensors get their memory.</param>
sealed class PartedHead(
    TrainableFragment rows, IReadOnlyDictionary<string, string> names, VocabularyHead vocabulary, TrainedParameter? weight, bool keep,
    ModelParameters parameters, MemoryPool pool) : ITrainableHead
{
    // Logits that are kept save a quarter of the head's products.
    const long MostKept = 256L << 20;

    Dictionary<string, DeviceTensor> made = [];
    VocabularyTape? tape;

    public float[] Forward(BatchTensors batch, DeviceTensor hidden)
    {
        var inputs = Inputs(batch, hidden);
        made = rows.Forward(names, inputs);
        Return(inputs);
        var keeps = weight is null ? VocabularyKeep.RowsGradient
            : keep && batch.Scored * weight.Weight.Shape[0] * sizeof(float) <= MostKept ? VocabularyKeep.Logits
            : VocabularyKeep.Nothing;
        (var logps, tape) = vocabulary.Forward(made[VocabularyCut.RowsOutput], batch.ScoredIds, keeps, pool);
        var result = new float[batch.Batch.CompletionMask.Length];
        batch.Scatter(logps, 0, result);
        return result;
    }

    public DeviceTensor Backward(BatchTensors batch, DeviceTensor hidden, float[] gradTokenLogps)
    {
        var slopes = new float[batch.Scored];
        batch.Gather(gradTokenLogps, 0, slopes);
        using var gradRows = vocabulary.Backward(
            made[VocabularyCut.RowsOutput], tape!, slopes, weight?.Gradient, pool);
        var inputs = Inputs(batch, hidden);
        inputs[FragmentGradient.Gradient(VocabularyCut.RowsOutput)] = gradRows;
        foreach (var (name, saved) in rows.SavedOf(made))
        {
            inputs[name] = saved;
        }

        var outputs = rows.Backward(names, inputs);
        var gradHidden = DeviceTensor.Rent(pool, MemoryPurpose.Activations, DataType.Float32, hidden.Shape);
        gradHidden.Clear();
        parameters.RowAdder.Add(
            gradHidden,
            outputs[FragmentGradient.RowIndices(FragmentPorts.Hidden)],
            outputs[FragmentGradient.Rows(FragmentPorts.Hidden)],
            pool);
        outputs.DisposeAll();
        made.DisposeAll();
        inputs.Remove(FragmentGradient.Gradient(VocabularyCut.RowsOutput));
        Return(inputs);
        return parameters.Casts.ToCompute(gradHidden, MemoryPurpose.Activations, pool);
    }

    public void Dispose()
    {
        rows.Dispose();
        vocabulary.Dispose();
    }

    static Dictionary<string, DeviceTensor> Inputs(BatchTensors batch, DeviceTensor hidden)
    {
        var inputs = batch.CompletionInputs(0, batch.Scored);
        inputs[FragmentPorts.Hidden] = hidden;
        return inputs;
    }

    // All but what others own.
    void Return(Dictionary<string, DeviceTensor> inputs)
    {
        foreach (var (name, tensor) in inputs)
        {
            if (name != FragmentPorts.Hidden && !made.ContainsKey(name))
            {
                tensor.Dispose();
            }
        }
    }
}
