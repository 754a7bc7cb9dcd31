using OrtDpo.ChatTemplates.Syntax;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary><c>value | name(arguments)</c></summary>
delegate object? Filter(object? value, Arguments arguments);

/// <summary>The filters by name. Python's Jinja has more, for web pages; no published chat template was seen to use them.</summary>
static class Filters
{
    static readonly Dictionary<string, Filter> Table = new(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Abs,
        ["capitalize"] = (value, a) => TextCase.Capitalize(TextFilters.Soft(value, a), a.Place),
        ["count"] = SequenceFilters.Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortFilters.DictSort,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = TextFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = SequenceFilters.Length,
        ["list"] = (value, a) => PythonValue.Items(value, a.Place).ToList(),
        ["lower"] = (value, a) => TextCase.Lower(TextFilters.Soft(value, a), a.Place),
        ["map"] = Selections.Map,
        ["max"] = (value, a) => SortFilters.Extreme(value, a, 1),
        ["min"] = (value, a) => SortFilters.Extreme(value, a, -1),
        ["reject"] = (value, a) => Selections.Select(value, a, wanted: false),
        ["rejectattr"] = (value, a) => Selections.SelectByAttribute(value, a, wanted: false),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["safe"] = (value, _) => new Markup(PythonText.Of(value)),
        ["select"] = (value, a) => Selections.Select(value, a, wanted: true),
        ["selectattr"] = (value, a) => Selections.SelectByAttribute(value, a, wanted: true),
        ["sort"] = SortFilters.Sort,
        ["string"] = (value, _) => value is Markup ? value : PythonText.Of(value),
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilters.Title,
        ["tojson"] = JsonFilter.Write,
        ["trim"] = (value, a) =>
            TextMethods.Strip(TextFilters.Soft(value, a), a, Whitespace.Trim, (text, characters) => text.Trim(characters)),
        ["unique"] = SortFilters.Unique,
        ["upper"] = (value, a) => TextCase.Upper(TextFilters.Soft(value, a), a.Place),
    };

    /// <exception cref="NotSupportedException">There is no such filter.</exception>
    public static Filter Find(string name, Place place) =>
        Table.TryGetValue(name, out var filter) ? filter : throw place.Lacks($"the filter '{name}'");

    static object? Default(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "default_value", "boolean");
        var isAbsent = value is Undefined || (Arguments.Flag(given[1]) && !PythonValue.IsTrue(value));
        return !isAbsent ? value : given[0] == Arguments.Absent ? "" : given[0];
    }
}
