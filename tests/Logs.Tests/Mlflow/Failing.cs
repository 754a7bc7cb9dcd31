namespace OrtDpo.Logs.Tests.Mlflow;

/// <summary>What a server does in the place of an answer.</summary>
public enum Failing
{
    None,
    InternalError,
    TooManyRequests,
    Html,
    Drops,
    Stalls,

    /// <summary>It does what it was asked for, and its answer breaks off.</summary>
    AnswersHalf,
    NotJson,
    Forbidden,
}
