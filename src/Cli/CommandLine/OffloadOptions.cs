using System.CommandLine;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The options about what lies in the machine's memory while a model runs on a GPU.</summary>
sealed class OffloadOptions
{
    readonly Option<EmbeddingPlace> embeddings = new(OptionNames.Of("Embeddings"))
    {
        HelpName = "auto|device|host",
        Description = "Where an embedding lies that is frozen and not the head, while the model runs on a GPU: device; host, where its "
            + "file is mapped, and the GPU gets the rows of a batch; or auto, which is host where memory demands it. "
            + "No choice changes a number [default: auto].",
    };

    readonly Option<LayerStreaming> stream = new(OptionNames.Of("Stream"))
    {
        HelpName = "auto|on|off",
        Description = "Frozen layers, while the model runs on a GPU: off, all lie there; on, they lie in the machine's memory and are "
            + "copied up one by one while the GPU computes; or auto, which is on where memory demands it. "
            + "No choice changes a number [default: auto].",
    };

    /// <summary>Both.</summary>
    public IReadOnlyList<Option> All => [embeddings, stream];

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    public OffloadChoice Bind(ParseResult parse) =>
        new() { Embeddings = parse.GetValue(embeddings), Stream = parse.GetValue(stream) };
}
