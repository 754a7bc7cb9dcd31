using System.Globalization;
using OrtDpo.Data;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Cli.Inspect;

/// <summary>A row token by token: the first and the last ones of each part.</summary>
static class TokenTable
{
    const int First = 8;
    const int Last = 6;

    internal static IEnumerable<string> Lines(IReadOnlyList<InspectedToken> tokens)
    {
        yield return $"{"position",10}{"id",9}{"label",9}  token";
        foreach (var part in tokens.GroupBy(token => token.Part))
        {
            var all = part.ToList();
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{part.Key}, {all.Count} tokens, {(all[0].Label == all[0].Id ? "scored" : "not scored")}");
            for (var i = 0; i < all.Count; i++)
            {
                if (i == First && all.Count > First + Last + 1)
                {
                    i = all.Count - Last;
                    yield return string.Create(CultureInfo.InvariantCulture, $"{"…",10}  {all.Count - First - Last} more");
                }

                var token = all[i];
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{token.Position,10}{token.Id,9}{token.Label,9}  {DecodedExample.Quote(token.Text)}");
            }
        }
    }
}
