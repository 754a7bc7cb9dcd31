using System.Globalization;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>
/// Says what a recipe's values are as words of a command line. A value is what its text says to the option, never what YAML makes of it:
/// 1e-6 is a number, 1.10 stays 1.10, and yes is a word.
/// </summary>
static class RecipeWords
{
    /// <summary>The words of an option; null where it is a switch that is false, which is not given.</summary>
    /// <param name="key">The option's key.</param>
    /// <param name="value">What the recipe has.</param>
    /// <param name="form">The option's form.</param>
    /// <exception cref="RecipeException">The value is of another form.</exception>
    public static IReadOnlyList<string>? Of(string key, YamlNode value, ValueForm form)
    {
        if (value is YamlScalar scalar)
        {
            return form.Kind == ValueKind.Switch || (form.IsOptional && scalar.Truth is not null)
                ? Switched(key, scalar, form.NeedsWord)
                : [Word(key, scalar, form)];
        }

        return (value, form) switch
        {
            (YamlList { Items: [] }, _) => throw new RecipeException(
                $"{key} is an empty list; it must be {Expected(form)}. Leave the key out where nothing is meant.", value.Place),
            (YamlList list, { IsMany: true }) => [.. list.Items.Select(item => Word(key, One(key, item, form), form))],
            (YamlList list, { Facts.Forms.IsList: true }) => [Joined(key, list)],
            (YamlMapping mapping, { Facts.Forms.Joint: { } joint, IsMany: true }) => [.. Pairs(key, mapping, joint)],
            (YamlMapping mapping, { Facts.Forms.Joint: { } joint }) => [string.Join(',', Pairs(key, mapping, joint))],
            (YamlMapping mapping, { Facts.Forms.IsObject: true }) => [RecipeJson.Of(key, mapping)],
            _ => throw new RecipeException($"{key} is {Name(value)}; it must be {Expected(form)}.", value.Place),
        };
    }

    /// <summary>What an option takes, as in "it must be …".</summary>
    public static string Expected(ValueForm form)
    {
        var one = form switch
        {
            { Kind: ValueKind.Switch } => "true or false",
            { Kind: ValueKind.WholeNumber } => "a whole number",
            { Kind: ValueKind.Number } => "a number",
            { Choices: { } choices } => $"one of {string.Join(", ", choices)}",
            _ => "text",
        };
        string[] forms =
        [
            form.IsOptional ? $"true, false, {one}" : one,
            .. form.IsMany || form.Facts.Forms.IsList ? ["a list of such"] : Array.Empty<string>(),
            .. form.Facts.Forms.Joint is not null || form.Facts.Forms.IsObject ? ["a mapping"] : Array.Empty<string>(),
        ];
        return string.Join(" or ", forms);
    }

    /// <summary>Of a number that is another one in older YAML.</summary>
    public static RecipeException Octal(string key, YamlScalar scalar) => new(
        $"{key} is {scalar.Text}, which older YAML reads in octal; write it without the zero before it.", scalar.Place);

    static List<string>? Switched(string key, YamlScalar scalar, bool needsWord) => scalar switch
    {
        { IsNull: true } => throw Nothing(key, scalar),
        { Truth: { } isOn } when needsWord => [isOn ? "true" : "false"],
        { Truth: { } isOn } => isOn ? [] : null,
        _ => throw new RecipeException(
            $"{key} is '{scalar.Text}'; it must be true or false, in these words and without quotes.", scalar.Place),
    };

    static string Word(string key, YamlScalar scalar, ValueForm form)
    {
        if (scalar.IsNull)
        {
            throw Nothing(key, scalar);
        }

        return form.Kind == ValueKind.Text ? Text(key, scalar, form) : Number(key, scalar, form);
    }

    static string Number(string key, YamlScalar scalar, ValueForm form)
    {
        if (!scalar.IsPlain)
        {
            throw new RecipeException(
                $"{key} is '{scalar.Text}' in quotes, which is text; it must be {Expected(form)}, without quotes.", scalar.Place);
        }

        if (form.Kind == ValueKind.WholeNumber ? !scalar.IsWholeNumber : !scalar.IsNumber)
        {
            throw new RecipeException($"{key} is '{scalar.Text}'; it must be {Expected(form)}.", scalar.Place);
        }

        return !scalar.IsOctalInOlderYaml ? scalar.Text : throw Octal(key, scalar);
    }

    static string Text(string key, YamlScalar scalar, ValueForm form)
    {
        var mayBeNumber = form.IsOptional || form.Facts.Forms.IsList;
        if (scalar.IsNoText && !(mayBeNumber && scalar.IsNumber))
        {
            throw new RecipeException(
                $"{key} is {scalar.Text}, which is {(scalar.Truth is null ? "a number" : "true or false")} in YAML; it must be "
                + $"{Expected(form)}. Write it in quotes if that is what it is called.",
                scalar.Place);
        }

        return scalar.Text;
    }

    // A comma in a part would make two of it.
    static string Joined(string key, YamlList list) => string.Join(',', list.Items.Select(item =>
        item is YamlScalar { IsNull: false, Truth: null } scalar
            ? Part(key, scalar.Text, scalar.Place)
            : throw new RecipeException($"{key} has {Name(item)} in its list; each must be text or a number.", item.Place)));

    static IEnumerable<string> Pairs(string key, YamlMapping mapping, string joint) => mapping.Entries.Select(entry =>
        entry.Value is YamlScalar { IsNull: false, Truth: null } scalar && !entry.Name.Contains(joint, StringComparison.Ordinal)
            ? $"{Part(key, entry.Name, entry.Place)}{joint}{Part(key, scalar.Text, scalar.Place)}"
            : throw new RecipeException(
                $"{key} has '{entry.Name}' with {Name(entry.Value)}; each must be a name with text or a number, and the name without "
                + $"'{joint}'.",
                entry.Place));

    static string Part(string key, string text, YamlPlace place) => text.Length > 0 && !text.Contains(',', StringComparison.Ordinal)
        ? text
        : throw new RecipeException($"{key} has '{text}' in it; each part must be without a comma and not empty.", place);

    static YamlScalar One(string key, YamlNode node, ValueForm form) => node as YamlScalar ?? throw new RecipeException(
        $"{key} has {Name(node)} in its list; it must be {Expected(form)}.", node.Place);

    static RecipeException Nothing(string key, YamlScalar scalar) =>
        new($"{key} has no value. Give it one, or leave the key out where nothing is meant.", scalar.Place);

    static string Name(YamlNode node) => node switch
    {
        YamlScalar { IsNull: true } => "nothing",
        YamlScalar scalar => $"'{scalar.Text}'",
        YamlList list => string.Create(CultureInfo.InvariantCulture, $"a list of {list.Items.Count}"),
        _ => "a mapping",
    };
}
