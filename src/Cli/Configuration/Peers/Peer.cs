namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>Another trainer, or several.</summary>
[Flags]
enum Peer
{
    /// <summary>Hugging Face's <c>TrainingArguments</c>, which TRL's configurations stand on.</summary>
    Transformers = 1,

    /// <summary>TRL: its trainers' configurations, and the arguments of its scripts.</summary>
    Trl = 2,

    /// <summary>PEFT's <c>LoraConfig</c>.</summary>
    Peft = 4,

    /// <summary>Axolotl's YAML.</summary>
    Axolotl = 8,

    /// <summary>LLaMA-Factory's YAML.</summary>
    LlamaFactory = 16,
}
