#:project ../../../src/Data/Data.csproj
#:property PublishAot=false
// usage: dotnet run rows.cs REF - prints the tokens of every row of a reference cache as JSON Lines, in the order that training starts from.
using System.Text.Json;
using OrtDpo.Data.Cache;

foreach (CachedPair row in ReferenceCache.Open(args[0]).Rows)
{
    var (prompt, chosen, rejected) = row.Tokens;
    Console.WriteLine(JsonSerializer.Serialize(new { split = row.Split.ToString(), prompt, chosen, rejected }));
}
