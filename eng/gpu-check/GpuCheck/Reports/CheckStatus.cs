using System.Text.Json.Serialization;

namespace OrtDpo.GpuCheck.Reports;

/// <summary>How a check ended.</summary>
enum CheckStatus
{
    /// <summary>Every limit holds.</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>A limit does not hold.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It ran to its end on stub libraries, which compute nothing: what needs no numbers holds, the rest was not judged.</summary>
    [JsonStringEnumMemberName("numbers are junk on stubs")]
    Junk,

    /// <summary>It did not run; the message says why.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,

    /// <summary>Its process ended without a result.</summary>
    [JsonStringEnumMemberName("crashed")]
    Crashed,

    /// <summary>Its process was ended after its time.</summary>
    [JsonStringEnumMemberName("timed out")]
    TimedOut,
}
