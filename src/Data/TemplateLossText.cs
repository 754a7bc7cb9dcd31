namespace OrtDpo.Data;

/// <summary>What a loss is, for people, and what helps.</summary>
static class TemplateLossText
{
    internal static string Of(TemplateLossKind kind, double lostShare)
    {
        var share = FormattableString.Invariant($"{100 * lostShare:0} %");
        return kind switch
        {
            TemplateLossKind.PromptTextLost =>
                $"the chat template leaves out {share} of the text of messages in prompts, or writes it otherwise",
            TemplateLossKind.CompletionTextLost =>
                $"the chat template leaves out {share} of the text of messages in completions, which is not trained; a switch of the "
                + "template, or another template, may keep it",
            TemplateLossKind.ReasoningLost =>
                $"the chat template leaves out {share} of the reasoning of completions, which is not trained; a switch of the template, "
                + "or another template, may write it",
            TemplateLossKind.MessagesReordered =>
                "the chat template writes messages, most often the system's, in another order than the rows have them, and the model is "
                + "trained on that order; another template may keep it",
            TemplateLossKind.ToolsLost =>
                $"the chat template does not write {share} of the functions that rows offer ('tools'), and the model is trained without "
                + "them; another template may write them",
            TemplateLossKind.PromptCallsLost =>
                $"the chat template does not write {share} of the calls of functions in prompts; another template may write them",
            TemplateLossKind.CompletionCallsLost =>
                $"the chat template does not write {share} of the calls of functions in completions, which are not trained; another "
                + "template may write them",
            TemplateLossKind.SwitchIgnored =>
                $"the chat template does not ask for {share} of the switches that rows set ('chat_template_kwargs'): they change nothing",
            _ => "completions hold turns that are not the assistant's, such as a user's or a tool's, since their conversations part early "
                + $"or call functions: {share} of their text is scored as if the model wrote it",
        };
    }
}
