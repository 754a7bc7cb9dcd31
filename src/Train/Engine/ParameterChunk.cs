namespace OrtDpo.Train.Engine;

/// <summary>Fixed slices of parameters, the unit of parallel work: results do not depend on which thread takes which.</summary>
readonly record struct ParameterChunk(TrainedParameter Parameter, long Start, int Length)
{
    const int Elements = 1 << 16;

    public static ParameterChunk[] Of(IEnumerable<TrainedParameter> parameters) =>
    [
        .. parameters.SelectMany(p => Enumerable.Range(0, (int)((p.Weight.Elements + Elements - 1) / Elements))
            .Select(i => new ParameterChunk(p, (long)i * Elements, (int)Math.Min(Elements, p.Weight.Elements - ((long)i * Elements))))),
    ];

    public unsafe Span<float> Weight => new((float*)Parameter.Weight.Pointer + Start, Length);

    public unsafe Span<float> Gradient => new((float*)Parameter.Gradient.Pointer + Start, Length);

    public unsafe Span<float> FirstMoment => new((float*)Parameter.FirstMoment.Pointer + Start, Length);

    public unsafe Span<float> SecondMoment => new((float*)Parameter.SecondMoment.Pointer + Start, Length);
}
