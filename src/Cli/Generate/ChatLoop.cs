using System.Runtime.InteropServices;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Generate;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Cli.Generate;

/// <summary>Reads messages, a line each, and prints the answers as they grow.</summary>
/// <param name="chat">The conversation.</param>
/// <param name="input">Where messages come from.</param>
/// <param name="output">Where answers go.</param>
/// <param name="offload">What was asked of the model's memory, for its first lines.</param>
/// <param name="isInteractive">Whether somebody types: a mark asks for the next message, and what cannot be answered ends nothing.</param>
sealed class ChatLoop(Chat chat, TextReader input, ProgramOutput output, OffloadChoice offload, bool isInteractive)
{
    const string Commands = "/reset forgets the conversation, /exit ends it";

    public void Run()
    {
        if (isInteractive)
        {
            output.WriteLine($"{Commands}; Ctrl+C stops an answer.");
        }

        while (Read() is { } line && line != "/exit")
        {
            if (line == "/reset")
            {
                chat.Reset();
                output.WriteLine("(forgotten)");
            }
            else if (line.StartsWith('/'))
            {
                output.WriteLine($"('{line.Split(' ')[0]}' is no command: {Commands}. A message that begins so has a space before it.)");
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                Answer(line.Trim());
            }
        }
    }

    string? Read()
    {
        if (isInteractive)
        {
            output.Write("> ");
        }

        return input.ReadLine();
    }

    void Answer(string message)
    {
        try
        {
            // Ctrl+C stops the answer; what else ends a program ends this one.
            using var interruption = new Interruption(signal => signal == PosixSignal.SIGINT, () => { });
            interruption.Begin();
            var answer = chat.Say(message, Tell, interruption.Token);
            output.WriteLine();
            if (Note(answer) is { } note)
            {
                output.WriteLine($"({note})");
            }
        }
        catch (Exception exception) when (isInteractive && exception is InvalidDataException or NotSupportedException)
        {
            output.WriteLine($"({OptionNames.In(exception.Message)})");
        }
    }

    void Tell(GenerationEvent told)
    {
        switch (told)
        {
            case GenerationEvent.Opened(var place):
                MemoryLines.Tell(place, offload, output);
                break;
            case GenerationEvent.Dropped(var messages):
                output.WriteLine(FormattableString.Invariant(
                    $"(the oldest {messages} messages are left out from here on: the model has no positions for them)"));
                break;
            case GenerationEvent.Part(var part):
                output.Write(part);
                break;
        }
    }

    static string? Note(GeneratedText answer) => answer.Finish switch
    {
        FinishReason.Length => FormattableString.Invariant($"cut after {answer.Ids.Count} tokens: --max-new-tokens"),
        FinishReason.Positions => "cut at the model's last position",
        FinishReason.Interrupted => "stopped",
        _ => null,
    };
}
