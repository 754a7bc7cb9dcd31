using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace OrtDpo.Cli.CommandLine;

/// <summary>Bounds on the values of options, checked while the command line is parsed.</summary>
public static class OptionChecks
{
    /// <summary>Refuses values that are not above zero, and those that are not finite.</summary>
    public static Option<T> Positive<T>(this Option<T> option)
        where T : INumber<T> =>
        option.Where(value => value > T.Zero && T.IsFinite(value), "it must be positive").Knowing(facts => facts with { Above = 0 });

    /// <summary>Refuses values outside <c>[<paramref name="low"/>, <paramref name="high"/>]</c>.</summary>
    public static Option<T> Between<T>(this Option<T> option, T low, T high)
        where T : INumber<T> =>
        option.Where(
            value => value >= low && value <= high,
            string.Create(CultureInfo.InvariantCulture, $"it must be between {low} and {high}"))
            .Knowing(facts => facts with { From = double.CreateChecked(low), To = double.CreateChecked(high) });

    /// <summary>Refuses other words than <paramref name="names"/>.</summary>
    public static Option<string> OneOf(this Option<string> option, params IReadOnlyCollection<string> names) =>
        option.Where(names.Contains, $"it must be one of {string.Join(", ", names)}").Knowing(facts => facts with { Choices = [.. names] });

    /// <summary>Adds to what is known of the option, which its own checks hold already.</summary>
    internal static TOption Knowing<TOption>(this TOption option, Func<OptionFacts, OptionFacts> more)
        where TOption : Option
    {
        OptionFacts.Add(option, more);
        return option;
    }

    /// <summary>
    /// Refuses values for which <paramref name="holds"/> does not; the sentence reads "--option is VALUE; <paramref name="rule"/>."
    /// </summary>
    public static Option<T> Where<T>(this Option<T> option, Func<T, bool> holds, string rule)
        where T : IParsable<T> =>
        option.Where(holds, _ => rule);

    /// <summary>The same where the rule that is said depends on the value.</summary>
    public static Option<T> Where<T>(this Option<T> option, Func<T, bool> holds, Func<T, string> rule)
        where T : IParsable<T>
    {
        option.Validators.Add(result =>
        {
            // Validators run before the conversion: what cannot be parsed is refused there.
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !holds(value))
            {
                result.AddError($"{option.Name} is {token.Value}; {rule(value)}.");
            }
        });
        return option;
    }

    /// <summary>Refuses empty paths, which .NET refuses in its own words or takes for the current folder.</summary>
    public static TOption NotEmpty<TOption>(this TOption option)
        where TOption : Option
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => string.IsNullOrWhiteSpace(token.Value)) is { } token)
            {
                result.AddError($"{option.Name} is '{token.Value}'; it must be a path.");
            }
        });
        return option;
    }
}
