using OrtDpo.Models;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Import;
using OrtDpo.Models.Quantized;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Quantized;

/// <summary>What a run's base was held in while it trained.</summary>
/// <param name="Weights">How the linear weights of its layers were held, as the run's configuration has it.</param>
/// <param name="Floats">The type of its other weights, or of all.</param>
/// <param name="Linear">What its linear weights were in; null: in that type too, or in nothing that an export can store.</param>
sealed record HeldDtype(BaseWeights Weights, WeightType Floats, LinearForm? Linear)
{
    /// <summary>That of a run: its files may have the base in 4 bits too, and the configuration does not say so.</summary>
    public static HeldDtype Of(TrainedRun run)
    {
        if (!ModelFolder.IsAdapter(run.Checkpoint))
        {
            return new HeldDtype(BaseWeights.AsStored, FloatsOf(run), Linear: null);
        }

        using var folder = ModelFolder.Open(run.Checkpoint, adapter: null, WeightMapping.ReadOnly, BaseWeights.OfRun(run.Config));
        return Of(folder, run);
    }

    /// <summary>That of a run of an adapter, whose base is open.</summary>
    public static HeldDtype Of(ModelFolder folder, TrainedRun run) => new(
        BaseWeights.OfRun(run.Config), FloatsOf(run),
        // A foreign graph stays as it is, without operators of ours.
        folder.Model is AdaptedModel { Base: OnnxDecoder } ? null : StoredWeights.FormOf(folder));

    /// <summary>What an export of the run stores.</summary>
    /// <param name="asked">What was asked for; null, or nothing but that it be fast: as the base was held.</param>
    /// <param name="options">How it is written; what computes in 16 bits is stored so where nothing else was asked for.</param>
    /// <exception cref="NotSupportedException">
    /// It is to be fast, or its head quantised, and is not of such a form; or it is quantised, and is to compute in 16 bits.
    /// </exception>
    public StoredDtype Stored(StoredDtype? asked, ExportOptions options)
    {
        var isUnsaid = asked is null or { IsAsHeld: true };
        var stored = Linear is not null && (isUnsaid || asked!.Linear == Linear) ? StoredDtype.AsHeld
            : isUnsaid ? options.Compute == WeightType.F32 ? Floats : options.Compute
            : asked!.Linear is null ? new StoredDtype { Floats = asked.Floats }
            : new StoredDtype { Linear = asked.Linear, Floats = asked.Floats ?? Floats };
        var form = stored.IsAsHeld ? Linear : stored.Linear;
        options.RequireComputable(form);
        if (asked is { IsFast: true } && form is not LinearForm.Int4)
        {
            throw new NotSupportedException(
                $"`FastInt4` is for weights in int4, and those of this export are {NameOf(stored)}. Pass `Dtype` int4, or leave it out.");
        }

        if (asked is { QuantizesHead: true } && form is not (LinearForm.Int4 or LinearForm.Int8))
        {
            throw new NotSupportedException($"`QuantizeHead` is for weights in int4 or int8, and those of this export are "
                + $"{NameOf(stored)}. Pass `Dtype` int4 or int8, or leave it out.");
        }

        return stored with { IsFast = asked?.IsFast ?? false, QuantizesHead = asked?.QuantizesHead ?? false };
    }

    /// <summary>The name of what an export of the run stores.</summary>
    public string NameOf(StoredDtype stored) =>
        stored.Name ?? (Linear is { } form ? StoredDtype.NameOf(form, stored.IsFast) : Floats.ConfigName());

    static WeightType FloatsOf(TrainedRun run) =>
        run.Text(TrainedRun.BaseDtype) is { } name ? WeightTypes.Saved[name] : WeightType.F32;
}
