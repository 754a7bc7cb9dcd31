using System.Net;

namespace OrtDpo.Logs.Mlflow;

/// <summary>A server has answered that it does not do what it was asked for; to ask again would not help.</summary>
sealed class MlflowRefusal(HttpStatusCode status, string? errorCode, string message) : Exception(message)
{
    /// <summary>Whether there is no such thing as was named.</summary>
    public bool IsUnknown => status == HttpStatusCode.NotFound && errorCode == "RESOURCE_DOES_NOT_EXIST";

    /// <summary>Whether what was to be made is there.</summary>
    public bool IsThere => errorCode == "RESOURCE_ALREADY_EXISTS";
}
