namespace OrtDpo.Training.Tests;

/// <summary>A clock on which every look takes a second, so that timings are the same in every run.</summary>
sealed class TickingTime : TimeProvider
{
    long now;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => now++;
}
