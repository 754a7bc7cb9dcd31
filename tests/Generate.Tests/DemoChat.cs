namespace OrtDpo.Generate.Tests;

/// <summary>The demo model with a chat template of the form that it was trained on, and more that a model folder has.</summary>
sealed class DemoChat : IDisposable
{
    /// <summary>What the template puts before an answer ends the prompt; an answer ends with the model's own end token.</summary>
    public const string Template = "{% for m in messages %}{% if m.role == 'user' %}User: {{ m.content }}\nAssistant:"
        + "{% elif m.role == 'assistant' %}{{ m.content }}<|endoftext|>\n{% else %}{{ m.content }}\n{% endif %}{% endfor %}";

    readonly TemporaryFolder folder = new();

    public DemoChat(string template = Template)
    {
        foreach (var file in Directory.GetFiles(Repository.Find("models", "demo")))
        {
            File.Copy(file, folder.File(System.IO.Path.GetFileName(file)));
        }

        Write("chat_template.jinja", template);
    }

    public string Path => folder.Path;

    public string Write(string name, string text) => folder.Write(name, text);

    public void Dispose() => folder.Dispose();
}
