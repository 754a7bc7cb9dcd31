namespace OrtDpo.Data;

/// <summary>Why a row of the data is not used.</summary>
public enum DropReason
{
    /// <summary>A transcript whose two texts share no "\n\nAssistant:".</summary>
    NoAssistantMarker,

    /// <summary>Two texts without a prompt of their own that do not begin alike.</summary>
    NoSharedPrompt,

    /// <summary>The only completion of the row is white space only.</summary>
    EmptyCompletion,

    /// <summary>The chosen completion is white space only.</summary>
    EmptyChosen,

    /// <summary>The rejected completion is white space only.</summary>
    EmptyRejected,

    /// <summary>The prompt has no token, so that no position predicts the completion's first.</summary>
    EmptyPrompt,

    /// <summary>The prompt leaves no room for one completion token under the maximum length.</summary>
    PromptTooLong,

    /// <summary>The chosen answer scored less than the required number of times the other's score.</summary>
    LowScoreRatio,

    /// <summary>All completions have the same score, so that none is preferred.</summary>
    EqualScores,

    /// <summary>A message says of itself that it is not to be trained on (<c>weight</c> 0, <c>train</c> false).</summary>
    NotToTrain,

    /// <summary>The chat template refuses the messages (<c>raise_exception</c>), as where roles do not alternate.</summary>
    TemplateRefused,

    /// <summary>The chat template writes next to nothing of a completion's text.</summary>
    CompletionLost,

    /// <summary>
    /// The chat template writes the prompt otherwise when the answer follows, so that the answer would continue another text.
    /// </summary>
    PromptRewritten,
}
