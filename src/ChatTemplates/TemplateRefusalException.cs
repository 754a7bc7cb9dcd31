namespace OrtDpo.ChatTemplates;

/// <summary>
/// A template called <c>raise_exception</c>: these messages are none that the model was trained on, and others may well be.
/// </summary>
public sealed class TemplateRefusalException(string message) : NotSupportedException(message);
