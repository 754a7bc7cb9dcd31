using Parquet.Schema;

namespace Parquet.Pages;

/// <summary>Separates what is there from what is null.</summary>
static class Definitions
{
    /// <summary>Returns the values that are there, and a definition level per slot where the column has levels.</summary>
    /// <exception cref="ArgumentException">A value of a required column is null.</exception>
    public static (T[] Present, ReadOnlyMemory<int>? Levels) Split<TSlot, T>(
        DataField field, ReadOnlySpan<TSlot> slots, Func<TSlot, bool> has, Func<TSlot, T> value)
    {
        var present = new List<T>(slots.Length);
        var levels = new int[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            var isThere = has(slots[i]);
            levels[i] = isThere ? field.MaxDefinitionLevel : field.MaxDefinitionLevel - 1;
            if (isThere)
            {
                present.Add(value(slots[i]));
            }
            else if (field.MaxDefinitionLevel == 0)
            {
                throw new ArgumentException($"Value {i} of column '{field.Path}' is null, but the column is required.", nameof(slots));
            }
        }

        return ([.. present], field.MaxDefinitionLevel > 0 ? levels : null);
    }

    /// <summary>Checks that levels and values fit the column, and returns the number of slots.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static int CheckLevels(DataField field, int values, ReadOnlyMemory<int>? definitions, ReadOnlyMemory<int>? repetitions)
    {
        var slots = values;
        if (field.MaxDefinitionLevel > 0)
        {
            var levels = definitions ?? throw new ArgumentException($"Column '{field.Path}' needs definition levels.", nameof(definitions));
            slots = levels.Length;
            CheckRange(field, levels.Span, field.MaxDefinitionLevel);
            if (levels.Span.Count(field.MaxDefinitionLevel) is var present && present != values)
            {
                throw new ArgumentException(
                    $"Column '{field.Path}': the definition levels have room for {present} values, but there are {values}.",
                    nameof(values));
            }
        }

        if (field.MaxRepetitionLevel > 0)
        {
            var levels = repetitions
                ?? throw new ArgumentException($"Column '{field.Path}' is a list and needs repetition levels.", nameof(repetitions));
            CheckRange(field, levels.Span, field.MaxRepetitionLevel);
            if (levels.Length != slots || (slots > 0 && levels.Span[0] != 0))
            {
                throw new ArgumentException(
                    $"Column '{field.Path}' has {slots} slots and {levels.Length} repetition levels; "
                    + "one each is needed, the first of them 0.",
                    nameof(repetitions));
            }
        }

        return slots;
    }

    static void CheckRange(DataField field, ReadOnlySpan<int> levels, int highest)
    {
        if (levels.IndexOfAnyExceptInRange(0, highest) is var at && at >= 0)
        {
            throw new ArgumentException(
                $"Column '{field.Path}': level {at} is {levels[at]}; the column's highest is {highest}.", nameof(levels));
        }
    }
}
