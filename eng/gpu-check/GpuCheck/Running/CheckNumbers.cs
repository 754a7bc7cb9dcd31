using System.Globalization;

namespace OrtDpo.GpuCheck.Running;

/// <summary>Numbers of checks as people write them: <c>1 11-12 2</c>.</summary>
static class CheckNumbers
{
    /// <summary>The numbers, in the order in which they are given.</summary>
    /// <exception cref="ArgumentException">A text is no number, and no two with a hyphen.</exception>
    public static IEnumerable<int> Parse(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            var ends = text.Split('-');
            if (ends.Length > 2 || ends.Any(end => !int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                throw new ArgumentException($"'{text}' is no check; expected numbers such as 3 or 3-5.");
            }

            var numbers = ends.Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            for (var number = numbers[0]; number <= numbers[^1]; number++)
            {
                yield return number;
            }
        }
    }
}
