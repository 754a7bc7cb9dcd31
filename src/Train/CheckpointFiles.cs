using OrtDpo.Models;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;

namespace OrtDpo.Train;

/// <summary>What stands beside the weights of a checkpoint, whichever engine writes these.</summary>
static class CheckpointFiles
{
    /// <summary>Writes it into a checkpoint's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that trains.</param>
    /// <param name="files">The files beside it.</param>
    public static void Write(string folder, DecoderModel model, IReadOnlyList<HostFile> files)
    {
        model.WriteBeside(folder);
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => stream.Write(file.Read()));
        }
    }

    /// <summary>Bytes of the files.</summary>
    public static long Bytes(IReadOnlyList<HostFile> files) => files.Sum(file => (long)file.Read().Length);
}
