namespace OrtDpo.Adapters;

/// <summary>PEFT's <c>rank_pattern</c> or <c>alpha_pattern</c>: values for modules whose paths match, by the first that does.</summary>
sealed class PathPatterns<T>
    where T : struct
{
    readonly List<(string Pattern, PythonRegex Regex, T Value)> patterns;

    /// <exception cref="InvalidDataException">A pattern does not compile, or none of <paramref name="targets"/> matches it.</exception>
    public PathPatterns(IEnumerable<KeyValuePair<string, T>> pairs, string where, IReadOnlySet<string> targets)
    {
        patterns = [.. pairs.Select(pair => (pair.Key, PythonRegex.PathEnd(pair.Key, where), pair.Value))];
        foreach (var pattern in patterns)
        {
            if (!targets.Any(target => Matches(pattern, target)))
            {
                throw new InvalidDataException($"{where} has '{pattern.Pattern}', and no module that is adapted matches it. Adapted "
                    + $"modules end in {ModulePaths.LastSteps(targets)}.");
            }
        }
    }

    /// <summary>The value for a module; null where no pattern matches it.</summary>
    public T? Of(string module)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Regex.IsMatch(module))
            {
                return pattern.Value;
            }
        }

        return patterns.Where(pattern => pattern.Pattern == module).Select(pattern => (T?)pattern.Value).FirstOrDefault();
    }

    // A path as it stands counts, too, whatever it means as an expression.
    static bool Matches((string Pattern, PythonRegex Regex, T Value) pattern, string module) =>
        pattern.Regex.IsMatch(module) || pattern.Pattern == module;
}
