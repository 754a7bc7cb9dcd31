namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    [Theory]
    [InlineData("train --model m --ref r --out o --learning-rat 1",
        "--learning-rat is not an option of ortdpo train; did you mean --learning-rate?")]
    [InlineData("precompute --model m --data d --out o --gamma 1", "--gamma is not an option of ortdpo precompute.")]
    [InlineData("export --run r --run s --out o", "--run is given 2 times; without --adapters it can be given once.")]
    [InlineData("train --model m --ref r --out", "--out has no value; it needs a value.")]
    [InlineData("eval --threads 2", "--run is missing; ortdpo eval needs it.")]
    [InlineData("train --model m --ref r --out o --beta -0.1", "--beta is -0.1; it must be positive (typically 0.1 to 0.5).")]
    [InlineData("train --model m --ref r --out o --max-steps many", "--max-steps is 'many'; it must be a whole number.")]
    [InlineData("sft --model m --data d --out o --eval-fraction 2", "--eval-fraction is 2; it must be above 0 and below 1.")]
    [InlineData("train --model m --ref r --out o --tensorboard yes", "--tensorboard is yes; it must be on or off.")]
    [InlineData("train --model m --ref r --out o --mlflow-tag a=b", "--mlflow-tag has no effect without --mlflow.")]
    [InlineData("sft --model m --data d --out o --mlflow server",
        "--mlflow is 'server'; it must be the address of a server, such as http://localhost:5000.")]
    [InlineData("train --model m --ref r --out o --mlflow http://h --mlflow-tag a", "--mlflow-tag is 'a'; it must be key=value.")]
    [InlineData("train --model m --ref r --out o --mlflow http://h --mlflow-tag a=b --mlflow-tag a=c",
        "--mlflow-tag gives 'a' twice; a tag has one value.")]
    [InlineData("generate --model m --prompt p --max-new-tokens 0", "--max-new-tokens is 0; it must be positive.")]
    public void A_wrong_command_line_is_refused_before_anything_is_looked_at(string arguments, string expected)
    {
        var words = arguments.Split(' ');
        Refused(2, $"{expected} See ortdpo {words[0]} --help.", words);
    }
}
