namespace OrtDpo.Train;

/// <summary>What runs the model and its gradient.</summary>
public enum EngineKind
{
    /// <summary>The model's parts one after the other as small sessions of the ONNX Runtime of today, on a processor or a GPU.</summary>
    Step,

    /// <summary>
    /// ONNX Runtime's on-device training of 1.19.2 in a process of its own, on the processor: the model and its gradient as one graph.
    /// </summary>
    OnDevice,
}

public static class EngineKinds
{
    /// <summary>The name that <c>config.yaml</c> and messages have.</summary>
    public static string ConfigName(this EngineKind engine) => engine switch
    {
        EngineKind.Step => "step",
        EngineKind.OnDevice => "on-device",
        _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "Unknown engine."),
    };
}
