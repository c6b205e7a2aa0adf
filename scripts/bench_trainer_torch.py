#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same training step as squat_step_bench, in PyTorch on one thread; the same protocol on standard input and output.

Quantisers are closed-form autograd functions that save what they need, faster than the published modules, which compose the
straight-through estimator of elementary operations.
usage: bench_trainer_torch.py SHAPE fp32|w4a8
"""
import json
import os
import resource
import sys
import time

# Before torch loads its BLAS: set_num_threads does not reach OpenBLAS' own threads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
import torch  # noqa: E402
import torch.nn as nn
import torch.nn.functional as F

SHAPES = {  # vocabulary, hidden, FFN, layers, heads, sequences
    "tiny": (512, 64, 128, 2, 4, 4),
    "h256": (4096, 256, 768, 4, 8, 8),
    "llama-58m": (16000, 512, 1024, 16, 8, 2),
}
LENGTH = 128


class FakeQuant(torch.autograd.Function):
    """round(clamp(x / scale)) * scale; gradient straight through inside the range, LSQ for the scale."""

    @staticmethod
    def forward(ctx, x, scale, low, high, factor):
        v = x / scale
        code = v.clamp(low, high).round_()
        ctx.save_for_backward(v, code)
        ctx.constants = low, high, factor
        return code * scale

    @staticmethod
    def backward(ctx, grad):
        v, code = ctx.saved_tensors
        low, high, factor = ctx.constants
        inside = grad * ((v >= low) & (v <= high))
        return inside, ((grad * code).sum() - (inside * v).sum()) * factor, None, None, None


class Quantiser(nn.Module):
    def __init__(self, on, bits, unsigned=False):
        super().__init__()
        self.on = on
        self.scale = nn.Parameter(torch.tensor(0.05))
        self.low, self.high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def forward(self, x):
        if not self.on:
            return x
        return FakeQuant.apply(x, self.scale, self.low, self.high, 1 / (x.numel() * self.high) ** 0.5)


class Linear(nn.Module):
    def __init__(self, on, inputs, outputs, bits=4):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * 0.02)
        self.quantiser = Quantiser(on, bits)

    def forward(self, x):
        return F.linear(x, self.quantiser(self.weight))


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.gain


class Block(nn.Module):
    def __init__(self, on, hidden, ffn, heads):
        super().__init__()
        self.heads, self.size = heads, hidden // heads
        self.norm1, self.norm2 = RmsNorm(hidden), RmsNorm(hidden)
        self.q, self.k, self.v, self.o = (Linear(on, hidden, hidden) for _ in range(4))
        self.gate, self.up, self.down = Linear(on, hidden, ffn), Linear(on, hidden, ffn), Linear(on, ffn, hidden)
        self.sites = nn.ModuleList([Quantiser(on, 8) for _ in range(7)])
        self.map = Quantiser(on, 8, unsigned=True)

    def forward(self, x, rotary):
        batch, length, hidden = x.shape
        cosine, sine, mask = rotary

        def rotate(y):
            half = self.size // 2
            return y * cosine + torch.cat([-y[..., half:], y[..., :half]], -1) * sine

        y = self.sites[0](self.norm1(x))
        q, k, v = (p(y).view(batch, length, self.heads, self.size).transpose(1, 2) for p in (self.q, self.k, self.v))
        q, k, v = self.sites[1](rotate(q)), self.sites[2](rotate(k)), self.sites[3](v)
        scores = q @ k.transpose(-1, -2) / self.size**0.5 + mask
        values = (self.map(scores.softmax(-1)) @ v).transpose(1, 2).reshape(batch, length, hidden)
        x = x + self.o(self.sites[4](values))
        y = self.sites[5](self.norm2(x))
        return x + self.down(self.sites[6](F.silu(self.gate(y)) * self.up(y)))


class Model(nn.Module):
    def __init__(self, on, vocab, hidden, ffn, layers, heads):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(vocab, hidden) * 0.02)
        self.embedding_quantiser = Quantiser(on, 8)
        self.blocks = nn.ModuleList([Block(on, hidden, ffn, heads) for _ in range(layers)])
        self.norm = RmsNorm(hidden)
        self.head = Linear(on, hidden, vocab, bits=8)
        self.head_input = Quantiser(on, 8)
        size = hidden // heads
        angle = torch.arange(LENGTH)[:, None] * (1e4 ** (-torch.arange(0, size, 2) / size))[None]
        mask = torch.full((LENGTH, LENGTH), float("-inf")).triu(1)
        self.rotary = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1), mask

    def forward(self, tokens):
        x = F.embedding(tokens, self.embedding_quantiser(self.embedding))
        for block in self.blocks:
            x = block(x, self.rotary)
        return self.head(self.head_input(self.norm(x)))


def main():
    shape, mode = sys.argv[1:3]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    vocab, hidden, ffn, layers, heads, sequences = SHAPES[shape]
    model = Model({"fp32": False, "w4a8": True}[mode], vocab, hidden, ffn, layers, heads)
    trained = [p for name, p in model.named_parameters() if mode != "fp32" or not name.endswith("scale")]
    optimiser = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.1)
    tokens = torch.randint(0, vocab, (sequences, LENGTH))
    for line in sys.stdin:
        wall, processor = [], []
        for _ in range(int(line)):
            w, p = time.perf_counter(), time.process_time()
            logits = model(tokens)
            F.cross_entropy(logits[:, :-1].reshape(-1, vocab), tokens[:, 1:].reshape(-1)).backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            wall.append(time.perf_counter() - w)
            processor.append(time.process_time() - p)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"tokens": sequences * LENGTH, "wall": wall, "processor": processor, "peak_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
