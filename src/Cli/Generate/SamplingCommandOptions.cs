using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Generate;

/// <summary>The options that say how tokens are chosen.</summary>
sealed class SamplingCommandOptions
{
    readonly Option<bool> sample = new("--sample")
    {
        Description = "Draw tokens by their probabilities, as the model's generation_config.json and the options below say; without it "
            + "always the likeliest.",
    };

    readonly Option<double> temperature = new Option<double>("--temperature")
    {
        Description = "What logits are divided by: below 1 likely tokens gain [default: the model's, else 1].",
    }.Positive();

    readonly Option<int> topK = new Option<int>("--top-k")
    {
        Description = "Draw among so many of the likeliest tokens; 0: among all [default: the model's, else 0].",
    }.Where(k => k >= 0, "it must be 0 or more").Knowing(facts => facts with { From = 0 });

    readonly Option<double> topP = new Option<double>("--top-p")
    {
        Description = "Draw among the likeliest tokens whose probabilities reach this sum [default: the model's, else 1].",
    }.Between(0, 1);

    readonly Option<double> minP = new Option<double>("--min-p")
    {
        Description = "Draw among tokens that are at least so likely, measured by the likeliest [default: the model's, else 0].",
    }.Between(0, 1);

    readonly Option<double> penalty = new Option<double>("--repetition-penalty")
    {
        Description = "What the logits of tokens that were there are divided by, or multiplied by below 0; above 1 they come up less "
            + "[default: with --sample the model's, else 1].",
    }.Positive();

    readonly Option<long> seed = new("--seed") { Description = "What draws follow from, on every machine alike [default: 0]." };

    readonly Option<int> most;

    /// <param name="most">Tokens of a text where nothing else is asked for.</param>
    public SamplingCommandOptions(int most) => this.most = new Option<int>("--max-new-tokens")
    {
        Description = "Tokens to add at most; the model's positions bound them too.",
        DefaultValueFactory = _ => most,
    }.Positive();

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[most, sample, temperature, topK, topP, minP, penalty, seed])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether tokens are to be drawn.</summary>
    public bool IsAsked(ParseResult parse) => parse.GetValue(sample);

    /// <summary>Refuses an option that needs draws where nothing is drawn.</summary>
    /// <exception cref="ArgumentException">It is given, and has no effect.</exception>
    public void RequireDraws(ParseResult parse, Option option)
    {
        if (parse.IsGiven(option) && !IsAsked(parse))
        {
            throw new ArgumentException($"{option.Name} has no effect without {sample.Name}.");
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">An option has no effect beside the others.</exception>
    public AskedSampling Bind(ParseResult parse)
    {
        foreach (var option in (Option[])[temperature, topK, topP, minP, seed])
        {
            RequireDraws(parse, option);
        }

        return new AskedSampling(
            parse.GetValue(most), IsAsked(parse), parse.Given(temperature), parse.Given(topK), parse.Given(topP), parse.Given(minP),
            parse.Given(penalty), parse.GetValue(seed));
    }
}
