using OrtDpo.Data;
using OrtDpo.Page.Packages;
using OrtDpo.Runs;
using OrtDpo.Tokenizers;

namespace OrtDpo.Page;

/// <summary>
/// A static page that tunes a model on pairs in the browser: artifacts, tokenizer, a few pairs, ONNX Runtime's training build for
/// WebAssembly, and the page itself.
/// </summary>
public static class TrainingPage
{
    /// <summary>The page's folders.</summary>
    public const string ModelFolder = "model", RuntimeFolder = "runtime";

    // A sentence or three.
    const int AnswerTokens = 64;

    /// <summary>Writes a page.</summary>
    /// <exception cref="ArgumentException">It is neither of a run nor of artifacts, or of both.</exception>
    /// <exception cref="IOException">The folder exists already, or cannot be made.</exception>
    /// <exception cref="FileNotFoundException">A file of the run, of the artifacts or of a package is missing.</exception>
    /// <exception cref="InvalidDataException">One is damaged, or they do not go together.</exception>
    /// <exception cref="NotSupportedException">The page cannot train what is asked for; the message says why.</exception>
    public static PageResult Write(PageRequest request)
    {
        if (request.Run is null == request.Artifacts is null)
        {
            throw new ArgumentException("A page is of a run or of artifacts: give one of `Run` and `Artifacts`.", nameof(request));
        }

        if (Path.Exists(request.Out))
        {
            throw new IOException($"{request.Out} exists already. Choose a new folder for the page (`Out`), or remove it.");
        }

        var packages = BrowserPackages.Read(request.Packages);
        return NewFolder.Make(request.Out, temporary =>
        {
            var model = Path.Combine(temporary, ModelFolder);
            var origin = request.Run is { } run
                ? RunOrigin.Write(run, request.Checkpoint, model)
                : ArtifactsOrigin.Write(request.Artifacts!, request, model);
            var result = Fill(temporary, model, origin, request);
            Site.WriteTo(temporary);
            BrowserPackages.Write(packages, Path.Combine(temporary, RuntimeFolder));
            var files = Directory.GetFiles(temporary, "*", SearchOption.AllDirectories);
            return result with { Folder = request.Out, Bytes = files.Sum(file => new FileInfo(file).Length) };
        });
    }

    static PageResult Fill(string folder, string model, PageOrigin origin, PageRequest request)
    {
        var manifest = origin.Manifest;
        var tokenizer = ModelTokenizer.Load(model);
        if (!File.Exists(Path.Combine(model, TokenizerFiles.TokenizerJson)))
        {
            throw new NotSupportedException($"{origin.Name} has no {TokenizerFiles.TokenizerJson}, the only form of a tokenizer that the "
                + "page's JavaScript reads. Save the tokenizer with Transformers' save_pretrained.");
        }

        var encoder = new ExampleEncoder(tokenizer.EncodeRow, tokenizer.EncodeContinuation, tokenizer.EosId, manifest.Model.MaxLength)
        {
            BosId = tokenizer.BosId,
            Ends = tokenizer.Ends,
            MaxPromptLength = origin.MaxPromptLength,
        };
        var texts = origin.Pairs.Select(pair => PairText.Of(pair, tokenizer, encoder)).ToList();
        var readable = texts.OfType<PairText>().ToList();
        var shown = readable.DistinctBy(pair => pair.Prompt).Take(request.Pairs).ToList();
        var frame = PromptFrame.Of(readable);
        var asked = origin.HeldOut.Select(pair => PairText.Of(pair, tokenizer, encoder)).FirstOrDefault(pair => pair is not null);
        FileJson.Write(Path.Combine(folder, PageSettings.FileName), new PageSettings
        {
            MadeBy = $"OrtDpo {PackageVersion.Of(typeof(TrainingPage).Assembly)}",
            Name = origin.Name,
            Rules = EncodingRules.Of(tokenizer, manifest.Model.MaxLength, origin.MaxPromptLength),
            Frame = frame,
            Pairs = shown,
            Probes = TokenizerProbe.Of(tokenizer, shown),
            Ask = (asked ?? shown.FirstOrDefault())?.Prompt is { } prompt ? frame.Within(prompt) : "",
            LearningRate = origin.LearningRate,
            PairsPerStep = origin.BatchPairs,
            Steps = 20,
            AnswerTokens = Math.Min(AnswerTokens, manifest.Model.MaxLength / 2),
        });
        return new PageResult(folder, origin.Name, manifest.Loss!, shown.Count, texts.Count - readable.Count, Bytes: 0)
        {
            Ledger = origin.Ledger,
        };
    }
}
