"""usage: fatbin.py SOURCE TARGET SM - copies ONNX Runtime's CUDA provider with the machine code of all architectures but SM (90) as zeros.

Headers and offsets stay, so that the library loads as before; zeros compress to nothing. For one check on one known GPU, never to be shipped.
A fat binary (fatbinary_section.h of CUDA) is a header, and entries behind it, each a header with the code's kind and architecture, and code.
"""
import struct
import sys

MAGIC = 0xBA55ED50
HEADER = struct.Struct("<IHHQ")        # magic, version, bytes of this header, bytes of the entries
ENTRY = struct.Struct("<HHIQ8xHHI")    # kind, version, bytes of this header, bytes of the code, (compressed size, options), minor, major, SM
MACHINE_CODE = 2


def entries(data):
    """Kind, SM, and where the code of each entry begins and ends."""
    # The header is aligned to 8 bytes, and its first 8 are magic, version 1, 16 bytes.
    start = HEADER.pack(MAGIC, 1, 16, 0)[:8]
    at = data.find(start)
    while at >= 0:
        _, _, header, size = HEADER.unpack_from(data, at)
        entry, end = at + header, at + header + size
        if end > len(data):
            raise SystemExit(f"fatbin.py: the fat binary at {at} ends behind the file; this version of CUDA's format is not known.")
        while entry < end:
            kind, _, entry_header, code, _, _, sm = ENTRY.unpack_from(data, entry)
            yield kind, sm, entry + entry_header, entry + entry_header + code
            entry += entry_header + code
        at = data.find(start, end)


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    source, target, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as file:
        data = bytearray(file.read())
    sizes, kept = {}, 0
    for kind, sm, begin, end in entries(bytes(data)):
        sizes[sm] = sizes.get(sm, 0) + end - begin
        if kind == MACHINE_CODE and sm == wanted:
            kept += end - begin
        else:
            data[begin:end] = bytes(end - begin)
    if not kept:
        raise SystemExit(f"fatbin.py: {source} has no machine code for sm_{wanted}; it has {sorted(sizes)}.")
    with open(target, "wb") as file:
        file.write(data)
    print(f"fatbin.py: kept {kept / 1e6:.1f} of {sum(sizes.values()) / 1e6:.1f} MB of machine code: sm_{wanted} of {sorted(sizes)}")


if __name__ == "__main__":
    main()
