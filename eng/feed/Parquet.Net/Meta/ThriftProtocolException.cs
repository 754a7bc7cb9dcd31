namespace Parquet.Meta.Proto;

/// <summary>The footer or a page header is not what the Thrift compact protocol allows.</summary>
public class ThriftProtocolException(string message) : Exception(message);
