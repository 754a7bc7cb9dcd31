namespace OrtDpo.Cli.CommandLine;

/// <summary>Options that parse one by one, but not together: caught by type to give exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);
