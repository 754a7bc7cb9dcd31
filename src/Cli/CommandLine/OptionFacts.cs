using System.CommandLine;
using System.Runtime.CompilerServices;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// What is known of an option beyond its type: bounds, the words it takes, how a recipe may write it. The option's own checks hold
/// without it; a recipe's schema says it to editors.
/// </summary>
sealed record OptionFacts
{
    static readonly ConditionalWeakTable<Option, OptionFacts> Known = [];

    /// <summary>What its numbers are above; null: nothing is known.</summary>
    public double? Above { get; init; }

    /// <summary>The least of its numbers; null: nothing is known.</summary>
    public double? From { get; init; }

    /// <summary>What its numbers are below; null: nothing is known.</summary>
    public double? Below { get; init; }

    /// <summary>The largest of its numbers; null: nothing is known.</summary>
    public double? To { get; init; }

    /// <summary>The only words it takes; null: it takes others.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>A regular expression that its texts match; null: nothing is known.</summary>
    public string? Pattern { get; init; }

    /// <summary>How a recipe may write its value beside one text.</summary>
    public WrittenForms Forms { get; init; } = WrittenForms.None;

    /// <summary>Whether its default is another on another machine.</summary>
    public bool HasDefaultOfMachine { get; init; }

    /// <summary>What is known of an option.</summary>
    public static OptionFacts Of(Option option) => Known.TryGetValue(option, out var facts) ? facts : new OptionFacts();

    /// <summary>Adds to what is known of an option.</summary>
    public static void Add(Option option, Func<OptionFacts, OptionFacts> more) => Known.AddOrUpdate(option, more(Of(option)));
}
