using OrtDpo.Runtime.Models;

namespace OrtDpo.Generate;

/// <summary>What is told while a text is generated, in this order.</summary>
public abstract record GenerationEvent
{
    /// <summary>The model has a place for a text of that length: once, and again where a longer one needs another.</summary>
    /// <param name="Place">The device, and what is taken there.</param>
    public sealed record Opened(ForwardPlace Place) : GenerationEvent;

    /// <summary>The oldest messages of a chat are left out from now on, since the model has no positions for them.</summary>
    /// <param name="Messages">How many.</param>
    public sealed record Dropped(int Messages) : GenerationEvent;

    /// <summary>A part of the text is whole: no part ends within a character.</summary>
    /// <param name="Text">The part; together the parts are the text.</param>
    public sealed record Part(string Text) : GenerationEvent;
}
