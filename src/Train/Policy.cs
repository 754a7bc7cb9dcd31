using OrtDpo.Adapters;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>The policy, open: opened and hashed once, before its weights move.</summary>
sealed class Policy : IDisposable
{
    Policy(ModelFolder folder, int maxLength)
    {
        folder.FixMaxLength(maxLength);
        Folder = folder;
        MaxLength = maxLength;
        (BaseDigest, Digest) = ReferenceDigest.Both(folder);
        Tokenizer = ModelTokenizer.Load(folder.Path);
    }

    /// <summary>Its weights, mapped to be trained, or under an adapter that is.</summary>
    public ModelFolder Folder { get; }

    /// <summary>The bound on prompt + one completion, in tokens.</summary>
    public int MaxLength { get; }

    /// <summary>Of the weights as they lie in the files, and of an adapter that is more than none.</summary>
    public string Digest { get; }

    /// <summary>Of the weights without an adapter.</summary>
    public string BaseDigest { get; }

    /// <summary>How the weights of its layers are held; null: as its files have them.</summary>
    public string? BaseForm => Folder.Quantized?.Form;

    /// <summary>Its tokenizer, whose files go into every checkpoint.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>A run's numbers, where how its base is held decides one that nobody gave.</summary>
    public static TrainingOptions Options(TrainingOptions options, ModelFolder folder) => folder.Quantized is null ? options
        : options with { MicroPositions = Math.Min(options.MicroPositions, MicroBatches.SmallPositionBudget) };

    /// <summary>Opens what a request says.</summary>
    /// <param name="request">What is to be trained.</param>
    /// <param name="maxLength">The bound on prompt + one completion: a model's numbers may depend on it.</param>
    public static Policy Open(TrainRequest request, Func<DecoderModel, int> maxLength)
    {
        var folder = OpenFolder(request.Model, request.Lora, request.Adapter, request.Base, request.Options.Seed);
        try
        {
            return new Policy(folder, maxLength(folder.Model));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A model to be trained, whole or under an adapter.</summary>
    /// <param name="model">The model's folder.</param>
    /// <param name="lora">A new adapter; null: none.</param>
    /// <param name="adapter">The folder of an adapter to go on with; null: none.</param>
    /// <param name="weights">How the weights of the model's layers are held.</param>
    /// <param name="seed">Of a new adapter's numbers.</param>
    /// <exception cref="InvalidDataException">A new adapter is asked for beside another.</exception>
    public static ModelFolder OpenFolder(string model, LoraConfig? lora, string? adapter, BaseWeights weights, ulong seed)
    {
        if (lora is null)
        {
            return ModelFolder.Open(model, adapter, WeightMapping.CopyOnWrite, weights);
        }

        if (adapter is not null || ModelFolder.IsAdapter(model))
        {
            throw new InvalidDataException($"{adapter ?? model} is an adapter, and `Lora` asks for a new one, which would lie on it. "
                + "Leave one of them out, or merge the adapter into its base first.");
        }

        var folder = ModelFolder.Open(model, adapter: null, WeightMapping.ReadOnly, weights);
        try
        {
            ModelAdapter.Begin(folder, lora, seed);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose() => Folder.Dispose();
}
