namespace OrtDpo.Training.Remote;

/// <summary>What a message between a loop and an engine in another process says. The number is what goes over the stream.</summary>
enum MessageKind : byte
{
    // To the engine.

    /// <summary>The first: the protocol's version, and a text that says what is to be opened.</summary>
    Open = 1,

    /// <summary>A batch to score.</summary>
    Score = 2,

    /// <summary>A batch to score, likeliest tokens included.</summary>
    ScoreTokens = 3,

    /// <summary>A batch whose gradient is to be added; <see cref="Floats"/> come back, and <see cref="Floats"/> go.</summary>
    Accumulate = 4,

    /// <summary>In the place of the slopes that <see cref="Accumulate"/> waits for: there will be none.</summary>
    Abandon = 5,

    /// <summary>The numbers of an update.</summary>
    Apply = 6,

    /// <summary>A folder to write the state into.</summary>
    WriteState = 7,

    /// <summary>A folder to read the state from.</summary>
    ReadState = 8,

    /// <summary>The last.</summary>
    End = 9,

    // From the engine.

    /// <summary>It is open: what it is like.</summary>
    Opened = 32,

    /// <summary>Of a batch, <c>float32 [R, T]</c>: log-probabilities; on their way to the engine their slopes.</summary>
    Floats = 33,

    /// <summary>Log-probabilities, and whether each token was the likeliest.</summary>
    Scores = 34,

    /// <summary>What an update did.</summary>
    Updated = 35,

    /// <summary>It is done, and there is nothing to say of it.</summary>
    Done = 36,

    /// <summary>It failed: the exception.</summary>
    Failed = 37,
}
