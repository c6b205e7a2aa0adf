# SPDX-License-Identifier: Apache-2.0
"""The constant tables of the vector units, as integers. scripts/gen_spec.py writes them into the C++ header and the SystemVerilog package.

Every entry is round(f(x) * 2^fraction); an entry too close to a rounding tie to be the same with every libm is refused.
The units that read them: hls/softmax.hpp, hls/rms_norm.hpp, hls/gated.hpp, hls/rope.hpp.
"""
import math


def nearest(x):
    """Round half up; refuses values that a last-bit difference between math libraries could round the other way."""
    if abs((x - math.floor(x)) - 0.5) < 1e-8:
        raise ValueError(f"table entry {x!r} is too close to a tie")
    return math.floor(x + 0.5)


def exp2():
    return [nearest(2.0**20 * 2.0 ** (-j / 64)) for j in range(65)]


def rsqrt():
    return [0] * 32 + [nearest(2.0**15 / math.sqrt((i + 0.5) / 128)) for i in range(32, 128)]


def recip():
    return [0] * 128 + [nearest(2.0**15 * 256 / (i + 0.5)) for i in range(128, 256)]


def silu_bump():
    return [nearest(x / (1 + math.exp(x)) * 2.0**14) for x in (j / 8 for j in range(129))] + [0]


def gelu_bump():
    """GPT-2's form, x/2 * (1 - tanh(sqrt(2/pi) (x + 0.044715 x^3))). It bends more than the SiLU bump: entries are moved by half
    of the largest interpolation error h^2/8 * f'' (h = 1/8; f'' of x * Phi(-x)), which halves that error. gelu(0) stays 0."""
    entries = []
    for x in (j / 8 for j in range(129)):
        value = x * 0.5 * (1 - math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        second = (x * x - 2) * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        entries.append(nearest((value - (second / 1024 if x else 0)) * 2.0**14))
    return entries + [0]


def quarter_sine():
    """Scaled by 1 + h^2/16 (h = pi/512 between entries): the chord errs by -h^2/8 in the middle, so this centres the error."""
    return [nearest(math.sin(math.pi * i / 512) * (1 + (math.pi / 512) ** 2 / 16) * 2.0**18) for i in range(257)]


def tables():
    """List of {name, bits, signed, doc, values}."""
    specs = [
        ("Exp2", 21, exp2, "2^-(j/64), 20 fraction bits, j = 0..64"),
        ("Rsqrt", 17, rsqrt, "1/sqrt((i + 1/2)/128), 15 fraction bits; slots below 32 unused"),
        ("Recip", 17, recip, "1/((i + 1/2)/256), 15 fraction bits; slots below 128 unused"),
        ("SiluBump", 13, silu_bump, "x/(1 + e^x) at x = j/8, 14 fraction bits; last entry 0"),
        ("GeluBump", 13, gelu_bump, "x/2*(1 - tanh(sqrt(2/pi)(x + 0.044715 x^3))) at x = j/8, 14 fraction bits, centred for interpolation; last entry 0"),
        ("SinCos", 19, quarter_sine, "sin(pi/2 * i/256), 18 fraction bits, centred for interpolation"),
    ]
    result = []
    for name, bits, make, doc in specs:
        values = make()
        assert all(0 <= v < 1 << bits for v in values), name
        result.append({"name": name, "bits": bits, "signed": False, "doc": doc, "values": values})
    return result


if __name__ == "__main__":
    for table in tables():
        print(table["name"], len(table["values"]), "entries,", table["bits"], "bits, largest", max(table["values"]))
