using System.Numerics;
using OrtDpo.Data;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Models;
using OrtDpo.Tokenizers;

namespace OrtDpo.Generate;

/// <summary>
/// A model to talk to: a folder that export wrote, or another with an ONNX model, which is loaded as any host of ONNX Runtime loads it; or
/// a Hugging Face folder, which runs through the layers that train. For one thread at a time.
/// </summary>
public sealed partial class TextModel : IDisposable
{
    readonly ModelTokenizer tokenizer;
    readonly ModelSizes sizes;
    readonly Logits next;
    readonly Func<ForwardPlace> place;
    readonly IDisposable[] owned;
    // The place that was told last.
    ForwardPlace? told;

    TextModel(
        string folder, ModelTokenizer tokenizer, ModelSizes sizes, ChosenDevice device, Logits next, Func<ForwardPlace> place,
        params IDisposable[] owned)
    {
        Folder = folder;
        Device = device;
        this.place = place;
        this.tokenizer = tokenizer;
        this.sizes = sizes;
        this.next = next;
        this.owned = owned;
    }

    // From the longest that a text may become, and whether it may begin as the one before, to the logits after its last token.
    delegate Func<long[], float[]> Logits(int maxLength, bool goesOn);

    /// <summary>The folder of model and tokenizer; of a run its newest checkpoint.</summary>
    public string Folder { get; }

    /// <summary>What it runs on.</summary>
    public ChosenDevice Device { get; }

    /// <summary>Tokens of a text at most, its prompt included; <see cref="ModelSizes.Unbounded"/> where nothing says it.</summary>
    public int Positions => sizes.MaxPositions;

    /// <summary>What writes messages as prompts of this model.</summary>
    /// <param name="options">The template; null: the model's own.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds something else, or no Jinja; the message says where.</exception>
    /// <exception cref="NotSupportedException">The template uses a part of Jinja that is not supported.</exception>
    public Conversations Template(TemplateOptions? options = null)
    {
        options ??= new TemplateOptions();
        return Conversations.Of(Folder, tokenizer, options.Date, options.File).With(options.Variables);
    }

    /// <summary>Continues a text as it is: no chat template is applied.</summary>
    /// <param name="prompt">The text.</param>
    /// <param name="options">How; null: greedily, 128 tokens at most.</param>
    /// <param name="told">Told of what happens, such as every part of the text.</param>
    /// <param name="stop">Stops the text behind the token that is being made.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidDataException">
    /// The prompt has no tokens, more than the model has positions, or one that the model does not know; or the model's logits are no
    /// numbers.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The device has too little memory, or what is to lie in the host's memory cannot.
    /// </exception>
    public GeneratedText Generate(
        string prompt, GenerationOptions? options = null, Action<GenerationEvent>? told = null, CancellationToken stop = default) =>
        Generate(new PromptText(prompt, IsRendered: false), options, told, stop);

    /// <summary>The same with a prompt that a chat template may have written (<see cref="Template"/>).</summary>
    /// <inheritdoc cref="Generate(string, GenerationOptions?, Action{GenerationEvent}?, CancellationToken)"/>
    public GeneratedText Generate(
        PromptText prompt, GenerationOptions? options = null, Action<GenerationEvent>? told = null, CancellationToken stop = default) =>
        Run(Encode(prompt), options ?? new GenerationOptions(), goesOn: false, told, stop);

    /// <summary>The greedy continuation of <paramref name="prompt"/>, without the prompt.</summary>
    /// <param name="prompt">The text to continue, as it is: no chat template is applied.</param>
    /// <param name="maxNewTokens">Tokens to add at most, 1 or more.</param>
    /// <inheritdoc cref="Generate(string, GenerationOptions?, Action{GenerationEvent}?, CancellationToken)" path="/exception"/>
    public string Continue(string prompt, int maxNewTokens) =>
        Generate(prompt, new GenerationOptions { MaxNewTokens = maxNewTokens }).Text;

    /// <summary>Begins a conversation.</summary>
    /// <param name="options">How it goes; null: greedily, with the model's own template.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="FileNotFoundException">The model has no template, or there is no such file.</exception>
    /// <exception cref="InvalidDataException">The template is damaged, or a setting has no effect in it.</exception>
    /// <exception cref="NotSupportedException">The template is not supported, or refuses what the system says.</exception>
    public Chat Chat(ChatOptions? options = null) => new(this, options ?? new ChatOptions());

    public void Dispose()
    {
        foreach (var disposable in owned)
        {
            disposable.Dispose();
        }
    }

    /// <summary>The tokens of a prompt.</summary>
    internal int[] Encode(PromptText prompt) => prompt.IsRendered ? tokenizer.EncodeRow(prompt.Text) : tokenizer.Encode(prompt.Text);

    /// <summary>Generates behind tokens.</summary>
    /// <param name="ids">The prompt's tokens.</param>
    /// <param name="options">How.</param>
    /// <param name="goesOn">Whether they may begin as those of the text before, which then do not run again.</param>
    /// <param name="told">Told of what happens.</param>
    /// <param name="stop">Stops the text.</param>
    internal GeneratedText Run(
        int[] ids, GenerationOptions options, bool goesOn, Action<GenerationEvent>? told, CancellationToken stop)
    {
        var choice = options.Choice();
        RequireUsable(ids);
        var count = Math.Min(options.MaxNewTokens, sizes.MaxPositions - ids.Length);
        // A conversation grows: with room for more, its memory is not planned, and on a device not filled, with each message anew.
        var length = ids.Length + count;
        var logits = next(goesOn ? (int)Math.Min(sizes.MaxPositions, BitOperations.RoundUpToPowerOf2((uint)length)) : length, goesOn);
        Tell(told);
        var text = new GrowingText(tokenizer, ids);
        var parts = new List<string>();
        var added = new List<int>();
        var isStopped = false;
        foreach (var id in TokenDecoding.Continue(ids, count, tokenizer.EosIds, logits, choice))
        {
            added.Add(id);
            Part(text.Add(id));
            isStopped = stop.IsCancellationRequested;
            if (isStopped)
            {
                break;
            }
        }

        Part(text.End());
        return new GeneratedText(string.Concat(parts), added, ids.Length, Reason());

        void Part(string part)
        {
            if (part.Length > 0)
            {
                parts.Add(part);
                told?.Invoke(new GenerationEvent.Part(part));
            }
        }

        FinishReason Reason() => isStopped ? FinishReason.Interrupted
            : added.Count < count ? FinishReason.Stop
            : count < options.MaxNewTokens ? FinishReason.Positions
            : FinishReason.Length;
    }

    void Tell(Action<GenerationEvent>? listener)
    {
        if (listener is not null && !ReferenceEquals(told, place()))
        {
            told = place();
            listener(new GenerationEvent.Opened(told));
        }
    }

    void RequireUsable(int[] ids)
    {
        if (ids.Length == 0)
        {
            throw new InvalidDataException("The prompt is empty, and the tokenizer puts no token before it: "
                + "nothing predicts the first token. Give a prompt with text.");
        }

        if (ids.Length > sizes.MaxPositions)
        {
            throw new InvalidDataException(
                $"The prompt has {ids.Length} tokens, and the model has {sizes.MaxPositions} positions. Give a shorter prompt.");
        }

        tokenizer.RequireKnown("The prompt", ids.Max(), sizes.VocabSize);
    }
}
