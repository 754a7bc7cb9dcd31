using OrtDpo.Logs.Mlflow;

namespace OrtDpo.Logs.Tests.Mlflow;

public sealed class MlflowOptionsTests
{
    static readonly Uri Server = new("http://localhost:5000");

    [Theory]
    [InlineData("ftp://server/", "must be the address of a server")]
    [InlineData("http://me:secret@server/", "holds a user or a password")]
    [InlineData("me:secret@server:5000", "holds a user or a password")]
    [InlineData("http://server/?token=secret", "'http://server/' with '?' or '#' behind it; such an address has no paths below it")]
    public void An_address_that_is_no_servers_is_refused(string address, string expected)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new MlflowOptions { Server = new Uri(address) });
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server", "`Mlflow` is 'server'; it must be the address of a server")]
    // With '#' in a password, what stands before it is no port.
    [InlineData("http://me:secret#1@server/", "holds a user or a password")]
    public void A_text_that_is_no_address_is_refused_without_its_password(string text, string expected)
    {
        var refusal = Assert.Throws<ArgumentException>(() => MlflowOptions.Address(text));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_that_mlflow_does_not_take_are_refused()
    {
        Refused(("a:b", "c"), "has the key 'a:b'");
        Refused(("a", new string('x', 5001)), "takes more than 5000 bytes");

        static void Refused((string Key, string Value) tag, string expected)
        {
            var refusal = Assert.Throws<ArgumentException>(
                () => new MlflowOptions { Server = Server, Tags = new Dictionary<string, string> { [tag.Key] = tag.Value } });
            Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_experiment_has_a_name() =>
        Assert.Throws<ArgumentException>(() => new MlflowOptions { Server = Server, Experiment = "" });

    [Fact]
    public void A_token_with_an_end_of_line_is_refused_without_being_shown()
    {
        var refusal = Assert.Throws<ArgumentException>(() => MlflowCredentials.Token("secret\nX-Other: 1"));
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
