"""The training step of grid2d in PyTorch: eager, compiled, as a CUDA graph, and as a vmapped ensemble.

python3 grid2d_torch.py [--members 1,8,25] [--precision fp32|tf32] [--modes eager,graph,vmap,compile] [--steps N]

Prints one JSON object a line: library, backend, mode, members, precision, milliseconds; for a mode that fails
library, backend and failure. Without a GPU it prints library and backend, and times nothing unless --device says so.
Networks, sizes, losses and optimiser are those of dev.troupe.bench.WorkSpec.Grid2d: a generator of four hidden layers
(linear without bias, batch norm, ReLU), a discriminator of three linear maxout layers, softplus losses, D first, then
G on fresh noise. With E members each parameter has a leading axis of members, and linear layers are baddbmm or bmm;
`vmap` maps one member's functions instead.
"""

import argparse
import json
import time

import torch
from torch.nn.functional import softplus

POINTS, BATCH, LATENT, DATA = 100_000, 100, 2, 2
WIDTH_G, LAYERS_G, WIDTH_D, LAYERS_D, PIECES = 400, 4, 200, 3, 5
SD, EPSILON, MOMENTUM = 0.02, 1e-4, 0.05


def parameters(members, device):
    def normal(*shape):
        return (SD * torch.randn(members, *shape, device=device)).requires_grad_()

    def full(value, *shape):
        return torch.full((members, *shape), float(value), device=device, requires_grad=True)

    g, d, inputs = {}, {}, LATENT
    for i in range(LAYERS_G):
        g[f"w{i}"] = normal(inputs, WIDTH_G)
        g[f"gamma{i}"], g[f"beta{i}"] = full(1, 1, WIDTH_G), full(0, 1, WIDTH_G)
        inputs = WIDTH_G
    g["w"], g["b"] = normal(inputs, DATA), full(0, 1, DATA)
    inputs = DATA
    for i in range(LAYERS_D):
        d[f"w{i}"], d[f"b{i}"] = normal(inputs, WIDTH_D * PIECES), full(0, 1, WIDTH_D * PIECES)
        inputs = WIDTH_D
    d["w"], d["b"] = normal(inputs, 1), full(0, 1, 1)
    return g, d


def statistics(members, device):
    return [
        (torch.zeros(members, 1, WIDTH_G, device=device), torch.ones(members, 1, WIDTH_G, device=device))
        for _ in range(LAYERS_G)
    ]


def generate(g, z, running=None):  # [..., N, 2]
    x, moments = z, []
    for i in range(LAYERS_G):
        x = x @ g[f"w{i}"]
        variance, mean = torch.var_mean(x, dim=-2, keepdim=True, correction=0)
        moments.append((mean.detach(), variance.detach()))
        x = torch.relu(g[f"gamma{i}"] * (x - mean) * torch.rsqrt(variance + EPSILON) + g[f"beta{i}"])
    if running is not None:
        with torch.no_grad():
            for (mean, variance), (m, v) in zip(running, moments):
                mean.lerp_(m, MOMENTUM)
                variance.lerp_(v, MOMENTUM)
    return x @ g["w"] + g["b"]


def judge(d, x):  # [..., N, 2] to [..., N, 1]
    for i in range(LAYERS_D):
        x = x @ d[f"w{i}"] + d[f"b{i}"]
        x = x.unflatten(-1, (PIECES, WIDTH_D)).amax(-2)
    return x @ d["w"] + d["b"]


def loss_d(d, real, fake):
    logits = judge(d, torch.cat([real, fake], dim=-2))
    n = real.shape[-2]
    return (softplus(-logits[..., :n, :]).sum() + softplus(logits[..., n:, :]).sum()) / n


def loss_g(g, d, z, running=None):
    return softplus(-judge(d, generate(g, z, running))).sum() / z.shape[-2]


class Training:
    def __init__(self, members, mode, device):
        self.members, self.mode, self.device = members, mode, device
        self.g, self.d = parameters(members, device)
        self.running = None if mode == "vmap" else statistics(members, device)
        self.points = torch.randn(POINTS, DATA, device=device)
        cuda = device.startswith("cuda")
        adam = dict(lr=1e-4, betas=(0.8, 0.999), eps=1e-8, fused=cuda, capturable=cuda and mode == "graph")
        self.adam_g = torch.optim.Adam(self.g.values(), **adam)
        self.adam_d = torch.optim.Adam(self.d.values(), **adam)
        self.generate, self.loss_d, self.loss_g = generate, loss_d, loss_g
        if mode == "vmap":
            self.generate = torch.vmap(lambda g, z, _=None: generate(g, z), in_dims=(0, 0, None))
            each_d, each_g = torch.vmap(loss_d), torch.vmap(lambda g, d, z: loss_g(g, d, z))
            self.loss_d = lambda d, real, fake: each_d(d, real, fake).sum()
            self.loss_g = lambda g, d, z, _: each_g(g, d, z).sum()
        if mode == "compile":
            torch._dynamo.reset()  # code for other sizes would make it try code for all of them, which is slower
            compiled = lambda function: torch.compile(function, dynamic=False)
            self.generate, self.loss_d, self.loss_g = map(compiled, (generate, loss_d, loss_g))

    def noise(self):
        return torch.randn(self.members, BATCH, LATENT, device=self.device)

    def step(self):
        rows = torch.randint(POINTS, (self.members * BATCH,), device=self.device)
        real = self.points[rows].view(self.members, BATCH, DATA)
        with torch.no_grad():
            fake = self.generate(self.g, self.noise(), self.running)
        self.update(self.adam_d, self.d, self.loss_d(self.d, real, fake))
        self.update(self.adam_g, self.g, self.loss_g(self.g, self.d, self.noise(), self.running))

    @staticmethod
    def update(adam, parameters, loss):
        gradients = torch.autograd.grad(loss, list(parameters.values()))
        for parameter, gradient in zip(parameters.values(), gradients):
            parameter.grad = gradient
        adam.step()


def captured(training):
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            training.step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        training.step()
    return graph.replay


def measure(members, mode, steps, device):
    training = Training(members, mode, device)
    step = captured(training) if mode == "graph" else training.step
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    for _ in range(max(3, steps // 10)):
        step()
    best = float("inf")
    for _ in range(3):
        wait()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        best = min(best, (time.perf_counter() - start) / steps)
    return 1e3 * best


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--members", default="1,8,25")
    options.add_argument("--precision", default="fp32", choices=["fp32", "tf32"])
    options.add_argument("--modes", default="eager,graph,vmap,compile")
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--device", default="cuda")
    options = options.parse_args()
    gpu = options.device.startswith("cuda") and torch.cuda.is_available()
    name = " on " + torch.cuda.get_device_name() if gpu else ""
    who = {"library": "PyTorch " + torch.__version__ + name, "backend": "cuda" if gpu else "cpu"}
    if options.device.startswith("cuda") and not gpu:
        print(json.dumps(who), flush=True)
        return
    torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
    torch.manual_seed(1)
    for mode in options.modes.split(","):
        for members in map(int, options.members.split(",")):
            try:
                milliseconds = measure(members, mode, options.steps, options.device)
            except Exception as error:  # one mode that fails must not hide the others
                failure = f"{mode}, {members} members: {type(error).__name__}: {error}"[:300]
                print(json.dumps(who | {"failure": failure}), flush=True)
                continue
            found = who | {
                "mode": mode,
                "members": members,
                "precision": options.precision,
                "milliseconds": milliseconds,
            }
            print(json.dumps(found), flush=True)


main()
