namespace OrtDpo.Data.Tests.Mutation;

/// <summary>All kinds of damage, by the names that messages have for them.</summary>
static class Mutators
{
    public static IReadOnlyList<(string Name, Mutator Apply)> All { get; } =
    [
        ("flip a bit", ByteMutators.FlipBit),
        ("replace a byte", ByteMutators.ReplaceByte),
        ("change a number of bytes", ByteMutators.ChangeBinaryNumber),
        ("change a number in the text", TextMutators.ChangeNumber),
        ("cut", ByteMutators.Cut),
        ("take a slice out", ByteMutators.TakeOut),
        ("repeat a slice", ByteMutators.Repeat),
        ("invalid UTF-8 in a string", TextMutators.InvalidUtf8),
        ("half of a surrogate pair", TextMutators.LoneSurrogate),
        ("another character of syntax", TextMutators.ChangeSyntax),
        ("another kind of value", TextMutators.ChangeValue),
        ("nest deep", NestingMutator.Nest),
    ];
}
