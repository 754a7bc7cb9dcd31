using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>
/// Fixed slices of parameters in the host's memory, the unit of parallel work: results do not depend on which thread takes which.
/// </summary>
readonly record struct ParameterChunk(TrainedParameter Parameter, long Start, int Length)
{
    // Whole blocks of codes.
    const int Elements = 256 * MomentCodes.Block;

    public static ParameterChunk[] Of(IEnumerable<TrainedParameter> parameters) =>
    [
        .. parameters.SelectMany(p => Enumerable.Range(0, (int)((p.Weight.Elements + Elements - 1) / Elements))
            .Select(i => new ParameterChunk(p, (long)i * Elements, (int)Math.Min(Elements, p.Weight.Elements - ((long)i * Elements))))),
    ];

    public unsafe Span<float> Weight => new((float*)Pointer(Parameter.Weight) + Start, Length);

    public unsafe Span<float> Gradient => new((float*)Pointer(Parameter.Gradient) + Start, Length);

    public unsafe Span<float> FirstMoment => new((float*)Pointer(Parameter.FirstMoment.Values) + Start, Length);

    public unsafe Span<float> SecondMoment => new((float*)Pointer(Parameter.SecondMoment.Values) + Start, Length);

    public unsafe Span<sbyte> FirstCodes => new((sbyte*)Pointer(Parameter.FirstMoment.Values) + Start, Length);

    public unsafe Span<byte> SecondCodes => new((byte*)Pointer(Parameter.SecondMoment.Values) + Start, Length);

    public Span<float> FirstScales => Scales(Parameter.FirstMoment);

    public Span<float> SecondScales => Scales(Parameter.SecondMoment);

    static nint Pointer(DeviceTensor tensor) => ((HostTensor)tensor).Pointer;

    unsafe Span<float> Scales(Moment moment) =>
        new((float*)Pointer(moment.Scales!) + (Start / MomentCodes.Block), (int)MomentCodes.Blocks(Length));
}
