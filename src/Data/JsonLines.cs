namespace OrtDpo.Data;

/// <summary>JSON Lines: one object a line; lines of white space only are passed over.</summary>
static class JsonLines
{
    internal static IEnumerable<JsonRow> Read(DataBytes bytes, string path)
    {
        for (var line = 1L; ; line++)
        {
            // What has been searched for a line's end is not searched again after the buffer has grown.
            var searched = 0;
            var length = -1;
            while (length < 0)
            {
                var found = bytes.Available.Span[searched..].IndexOf((byte)'\n');
                if (found >= 0)
                {
                    length = searched + found;
                }
                else if (bytes.AtEnd)
                {
                    length = bytes.Available.Length;
                }
                else
                {
                    searched = bytes.Available.Length;
                    bytes.Fill();
                }
            }

            var text = bytes.Available[..length];
            if (text.Span.ContainsAnyExcept(" \t\r"u8))
            {
                using var row = JsonRows.Parse(text, path, line);
                yield return new JsonRow(line, $"{path} line {line}", row.RootElement);
            }

            if (length == bytes.Available.Length)
            {
                // No line end was found: these were the file's last bytes.
                yield break;
            }

            bytes.Advance(length + 1);
        }
    }
}
