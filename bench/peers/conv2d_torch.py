"""Convolutions and their gradients in PyTorch, by the fastest algorithm that cuDNN finds.

python3 conv2d_torch.py --works KIND:MEMBERS,BATCH,IN,OUT,SIZE,KERNEL,STRIDE,PADDING;... [--precision fp32|tf32] [--steps N]

KIND is forward, input or weight. Prints one JSON object a line: library, backend, work, precision, gflops, where
multiplications with padding count; as grid2d_torch.py where something fails or there is no GPU. Several members are
vmapped, which makes groups of them.
"""

import argparse
import json
import time

import torch
from torch.nn.functional import conv2d


def prepared(work, device):
    """What to time, and how many operations it has."""
    kind, numbers = work.split(":")
    members, batch, channels, out, size, kernel, stride, padding = map(int, numbers.split(","))
    x = torch.randn(members, batch, channels, size, size, device=device)
    weight = torch.randn(members, out, channels, kernel, kernel, device=device)
    x, weight = (x, weight) if members > 1 else (x[0], weight[0])

    def forward(x, weight):
        return conv2d(x, weight, stride=stride, padding=padding)

    if members > 1:
        forward = torch.func.vmap(forward)
    with torch.no_grad():
        y = forward(x, weight)
    flops = 2 * y.numel() * channels * kernel * kernel
    if kind == "forward":

        def run():
            with torch.no_grad():
                forward(x, weight)

    else:
        by = (x if kind == "input" else weight).requires_grad_()
        y, dy = forward(x, weight), torch.randn_like(y)

        def run():
            torch.autograd.grad(y, by, dy, retain_graph=True)

    return run, flops


def measure(run, steps, device):
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    for _ in range(max(3, steps // 10)):
        run()
    best = float("inf")
    for _ in range(3):
        wait()
        start = time.perf_counter()
        for _ in range(steps):
            run()
        wait()
        best = min(best, (time.perf_counter() - start) / steps)
    return best


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--works", required=True)
    options.add_argument("--precision", default="fp32", choices=["fp32", "tf32"])
    options.add_argument("--steps", type=int, default=100)
    options.add_argument("--device", default="cuda")
    options = options.parse_args()
    gpu = options.device.startswith("cuda") and torch.cuda.is_available()
    name = " on " + torch.cuda.get_device_name() if gpu else ""
    who = {"library": "PyTorch " + torch.__version__ + name, "backend": "cuda" if gpu else "cpu"}
    if options.device.startswith("cuda") and not gpu:
        print(json.dumps(who), flush=True)
        return
    torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    for work in options.works.split(";"):
        try:
            run, flops = prepared(work, options.device)
            seconds = measure(run, options.steps, options.device)
        except Exception as error:  # one that fails must not hide the others
            failure = f"{work}: {type(error).__name__}: {error}"[:300]
            print(json.dumps(who | {"failure": failure}), flush=True)
            continue
        found = who | {
            "work": work,
            "precision": options.precision,
            "gflops": 1e-9 * flops / seconds,
        }
        print(json.dumps(found), flush=True)


main()
