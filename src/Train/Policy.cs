using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Train;

/// <summary>The policy, open: opened and hashed once, before its weights move.</summary>
sealed class Policy : IDisposable
{
    Policy(ModelFolder folder, int maxLength)
    {
        folder.FixMaxLength(maxLength);
        Folder = folder;
        MaxLength = maxLength;
        Digest = ReferenceDigest.Compute(folder);
        Tokenizer = ModelTokenizer.Load(folder.Path);
    }

    /// <summary>Its weights, mapped to be trained.</summary>
    public ModelFolder Folder { get; }

    /// <summary>The bound on prompt + one completion, in tokens.</summary>
    public int MaxLength { get; }

    /// <summary>Of the weights as they lie in the files.</summary>
    public string Digest { get; }

    /// <summary>Its tokenizer, whose files go into every checkpoint.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <param name="path">A model folder.</param>
    /// <param name="maxLength">The bound on prompt + one completion: a model's numbers may depend on it.</param>
    public static Policy Open(string path, Func<DecoderModel, int> maxLength)
    {
        var folder = ModelFolder.Open(path, WeightMapping.CopyOnWrite);
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

    public void Dispose() => Folder.Dispose();
}
