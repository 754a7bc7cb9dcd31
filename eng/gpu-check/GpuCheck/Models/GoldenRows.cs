using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Models;

/// <summary>The pairs that lie beside a tiny model of <c>tests/golden/families</c>.</summary>
static class GoldenRows
{
    public static TrainingRow[] Of(string family)
    {
        using var rows = JsonDocument.Parse(File.ReadAllText(Path.Combine(family, "rows.json")));
        return [.. rows.RootElement.GetProperty("pairs").EnumerateArray().Select(Pair)];
    }

    static TrainingRow Pair(JsonElement row, int index) => new(
        [""],
        Example.Pair(Ids(row, "prompt"), Ids(row, "chosen"), Ids(row, "rejected")),
        [new(row.GetProperty("ref_chosen_logps").GetDouble(), []), new(row.GetProperty("ref_rejected_logps").GetDouble(), [])],
        "pairs",
        index + 1);

    static int[] Ids(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
