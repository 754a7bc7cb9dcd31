namespace OrtDpo.Generate;

/// <summary>A message of a chat.</summary>
/// <param name="Role">Whose it is: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What it says.</param>
public sealed record ChatMessage(string Role, string Content);
