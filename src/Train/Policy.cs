using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Train;

/// <summary>The policy, open: opened and hashed once, before its weights move.</summary>
sealed class Policy : IDisposable
{
    Policy(ModelFolder folder)
    {
        Folder = folder;
        Digest = ReferenceDigest.Compute(folder);
        Tokenizer = ModelTokenizer.Load(folder.Path);
    }

    /// <summary>Its weights, mapped to be trained.</summary>
    public ModelFolder Folder { get; }

    /// <summary>Of the weights as they lie in the files.</summary>
    public string Digest { get; }

    /// <summary>Its tokenizer, whose files go into every checkpoint.</summary>
    public ModelTokenizer Tokenizer { get; }

    public static Policy Open(string path)
    {
        var folder = ModelFolder.Open(path, WeightMapping.CopyOnWrite);
        try
        {
            return new Policy(folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose() => Folder.Dispose();
}
