using System.Globalization;
using OrtDpo.Models;
using OrtDpo.Models.Adapters;

namespace OrtDpo.Train;

/// <summary>An adapter that trains, in words.</summary>
static class AdapterText
{
    /// <summary>What of a model trains, where an adapter does; null where the model itself does.</summary>
    public static string? Of(ModelFolder folder)
    {
        if (folder.Model is not AdaptedModel adapted || folder.Adapter is not { } adapter)
        {
            return null;
        }

        var trained = adapted.Parameters.Where(p => folder.Trains(p.Name)).Sum(p => Count(p.Shape));
        var all = adapted.Base.Parameters.Sum(p => Count(p.Shape));
        var kinds = adapter.Targets.Targets.Select(t => (t.Rank, t.Scale)).Distinct().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"adapter: LoRA, {Range(kinds.Select(k => (double)k.Rank), "rank")}, {Range(kinds.Select(k => k.Scale), "scale")}, on "
            + $"{adapter.Targets.Targets.Count} modules; {trained:N0} numbers train beside {all:N0} that do not")
            + (adapted.Saved.Count == 0 ? "" : $", of which {string.Join(", ", adapter.Targets.SavedModules)} train whole")
            + (adapter.Path is { } path ? $"; from {path}" : "");
    }

    static string Range(IEnumerable<double> numbers, string what) => numbers.ToList() is var all && all.Min() == all.Max()
        ? string.Create(CultureInfo.InvariantCulture, $"{what} {all[0]:0.####}")
        : string.Create(CultureInfo.InvariantCulture, $"{what} {all.Min():0.####} to {all.Max():0.####}");

    static long Count(long[] shape) => shape.Aggregate(1L, (count, dimension) => count * dimension);
}
