"""Matrices put into 4 bits and made numbers again, with numpy alone: by nearest values, where the project counts thresholds and packs codes.

nf4 is QLoRA's NormalFloat (arXiv:2305.14314, appendix E) in blocks of the flattened matrix; int4 has ONNX Runtime's blocks along each row
(docs/ContribOperators.md, MatMulNBits). Scales are rounded to eight significant bits, and not below 2 ** -14.
"""
import numpy as np

LEVELS = np.array([
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0], np.float32)


def rounded(scales):
    """To the nearest number of eight significant bits, halves to even; in float64, which holds all of them."""
    fraction, exponent = np.frexp(scales.astype(np.float64))
    result = np.ldexp(np.rint(fraction * 256) / 256, exponent)
    small = (result != 0) & (np.abs(result) < 2.0 ** -14)
    return np.where(small, np.sign(result) * 2.0 ** -14, result).astype(np.float32)


def nf4(matrix, block=64):
    flat = matrix.astype(np.float32).ravel()
    result = np.empty_like(flat)
    for start in range(0, flat.size, block):
        values = flat[start:start + block]
        scale = rounded(np.abs(values).max())
        nearest = np.abs(values[:, None] / (scale if scale else 1) - LEVELS[None, :]).argmin(axis=1)
        result[start:start + block] = LEVELS[nearest] * scale
    return result.reshape(matrix.shape)


def int4_of(matrix, block, zero_points):
    matrix = matrix.astype(np.float32)
    result = np.empty_like(matrix)
    for row in range(matrix.shape[0]):
        for start in range(0, matrix.shape[1], block):
            values = matrix[row, start:start + block]
            low, high = values.min(), values.max()
            if zero_points:
                low, high = min(low, np.float32(0)), max(high, np.float32(0))
                scale = rounded(np.float32((float(high) - float(low)) / 15))
                zero = np.clip(np.rint(-low / scale), 0, 15) if scale else 8
            else:
                scale, zero = rounded(np.float32(-(high if high > -low else low) / np.float32(8))), 8
            codes = np.clip(np.rint(values / scale) + zero, 0, 15) if scale else np.full(values.shape, zero)
            result[row, start:start + block] = (codes - zero).astype(np.float32) * scale
    return result


def int4(matrix, block=32):
    """Of both kinds the nearer."""
    both = [int4_of(matrix, block, zero_points) for zero_points in (False, True)]
    errors = [((found.astype(np.float64) - matrix) ** 2).sum() for found in both]
    return both[1] if errors[1] < errors[0] else both[0]


FORMS = {"nf4": nf4, "int4": int4, "int4-128": lambda matrix: int4(matrix, 128)}


def held(weights, form, is_in_out):
    """The matrices of layers in 4 bits, as [out, in] whichever way they lie; everything else as it is."""
    result = {}
    for name, value in weights.items():
        is_linear = value.ndim == 2 and any(part.isdigit() for part in name.split("."))
        matrix = value.T if is_in_out else value
        found = FORMS[form](matrix) if is_linear else value
        result[name] = np.ascontiguousarray(found.T) if is_linear and is_in_out else found
    return result
