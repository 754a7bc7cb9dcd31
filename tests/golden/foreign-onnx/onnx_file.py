"""The little of ONNX's protobuf that the script needs: an exported model's float initializers, and moving them to a file beside it."""
import numpy as np


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, wire type, value) of every field; groups do not occur."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            length = {1: 8, 5: 4}.get(key & 7)
            if length is None:
                length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        yield key >> 3, key & 7, value


def encode(value):
    out = bytearray()
    while True:
        out.append(value & 127 | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(out)


def field(number, wire, value):
    if wire == 0:
        return encode(number << 3) + encode(value)
    return encode(number << 3 | wire) + (encode(len(value)) if wire == 2 else b"") + value


def tensor(message):
    """Name, dims, data type and raw data of a TensorProto."""
    name, dims, kind, raw = "", [], 0, b""
    for number, wire, value in fields(message):
        if number == 1:
            dims += [value] if wire == 0 else list(packed(value))
        elif number == 2:
            kind = value
        elif number == 8:
            name = value.decode()
        elif number == 9:
            raw = value
    return name, dims, kind, raw


def packed(data):
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value


def initializers(path):
    """The float32 initializers by name."""
    found = {}
    for number, _, value in fields(open(path, "rb").read()):
        if number == 7:
            for inner, _, message in fields(value):
                if inner == 5:
                    name, dims, kind, raw = tensor(message)
                    if kind == 1:
                        found[name] = np.frombuffer(raw, np.float32).reshape(dims)
    return found


def move_outside(path, data_name):
    """Writes every float32 initializer to the file data_name beside the model, at multiples of 64 bytes."""
    outside, model = bytearray(), b""
    for number, wire, value in fields(open(path, "rb").read()):
        if number == 7:
            graph = b""
            for inner, inner_wire, message in fields(value):
                if inner == 5 and tensor(message)[2] == 1:
                    outside += b"\0" * (-len(outside) % 64)
                    raw = tensor(message)[3]
                    message = b"".join(field(n, w, v) for n, w, v in fields(message) if n != 9)
                    for key, text in (("location", data_name), ("offset", len(outside)), ("length", len(raw))):
                        message += field(13, 2, field(1, 2, key.encode()) + field(2, 2, str(text).encode()))
                    message += field(14, 0, 1)
                    outside += raw
                graph += field(inner, inner_wire, message)
            value = graph
        model += field(number, wire, value)
    folder = path.rsplit("/", 1)[0]
    open(path, "wb").write(model)
    open(f"{folder}/{data_name}", "wb").write(bytes(outside))
