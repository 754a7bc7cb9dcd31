namespace OrtDpo.Ship.Checks;

/// <summary>What could be made, or why it could not.</summary>
/// <param name="Value">What was made; null: it could not be.</param>
/// <param name="WhyNot">Why; null where it was made.</param>
readonly record struct Attempt<T>(T? Value, string? WhyNot)
    where T : class
{
    /// <summary>Nothing, for a reason that is known.</summary>
    public static Attempt<T> Not(string reason) => new(null, reason);

    /// <summary>Makes it. What is missing, damaged or not supported is no fault of the program, and a reason.</summary>
    public static Attempt<T> Of(Func<T> make)
    {
        try
        {
            return new(make(), null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException
            or InsufficientMemoryException)
        {
            return new(null, e.Message);
        }
    }
}
