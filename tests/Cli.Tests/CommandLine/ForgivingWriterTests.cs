using System.Text;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

public sealed class ForgivingWriterTests
{
    [Fact]
    public void What_cannot_be_written_is_lost_and_what_comes_later_is_there()
    {
        using var disk = new Disk();
        using var writer = new ForgivingWriter(disk);
        writer.WriteLine("before");
        disk.IsFull = true;
        writer.Write('x');
        writer.Write("lost");
        writer.Write(['l', 'o', 's', 't'], 0, 4);
        writer.WriteLine("lost");
        writer.WriteLine();
        writer.Flush();
        disk.IsFull = false;
        writer.Write("after");
        Assert.Equal("before\nafter", disk.Text.ToString());
    }

    [Fact]
    public void The_error_of_a_command_keeps_its_exit_code_where_it_finds_no_place()
    {
        using var disk = new Disk { IsFull = true };
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), ["train", "--epochs", "none"], TextWriter.Null, disk);
        Assert.Equal(CommandLineProgram.UsageFailure, exitCode);
    }

    sealed class Disk : TextWriter
    {
        public StringBuilder Text { get; } = new();

        public bool IsFull { get; set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override string NewLine => "\n";

        public override void Write(char value)
        {
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }

            Text.Append(value);
        }
    }
}
