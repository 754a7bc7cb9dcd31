#:project ../../../src/Data/Data.csproj
#:property PublishAot=false
// usage: dotnet run rows.cs REF - prints the tokens of every row of a reference cache as JSON Lines, in the order that training starts from.
using System.Text.Json;
using OrtDpo.Data.Cache;

foreach (var row in ReferenceCache.Open(args[0]).Rows)
{
    var (prompt, completions) = (row.Tokens.Prompt, row.Tokens.Completions);
    Console.WriteLine(JsonSerializer.Serialize(
        new { split = row.Split.ToString(), prompt, chosen = completions[0], rejected = completions[1] }));
}
