"""The training step of grid2d in JAX: one member's step, vmapped over members and compiled.

python3 grid2d_jax.py [--members 1,8,25] [--precision fp32|tf32] [--steps N] [--any-backend]

Prints one JSON object a line, as grid2d_torch.py does, of the same step.
"""

import argparse
import json
import os
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others use this GPU, too
import jax
import jax.numpy as jnp

POINTS, BATCH, LATENT, DATA = 100_000, 100, 2, 2
WIDTH_G, LAYERS_G, WIDTH_D, LAYERS_D, PIECES = 400, 4, 200, 3, 5
SD, EPSILON, MOMENTUM, RATE, BETA1, BETA2, ADAM_EPSILON = 0.02, 1e-4, 0.05, 1e-4, 0.8, 0.999, 1e-8


def parameters(key):
    keys = iter(jax.random.split(key, LAYERS_G + LAYERS_D + 2))

    def normal(*shape):
        return SD * jax.random.normal(next(keys), shape)

    g, d, inputs = {}, {}, LATENT
    for i in range(LAYERS_G):
        g[f"w{i}"], g[f"gamma{i}"], g[f"beta{i}"] = normal(inputs, WIDTH_G), jnp.ones(WIDTH_G), jnp.zeros(WIDTH_G)
        inputs = WIDTH_G
    g["w"], g["b"] = normal(inputs, DATA), jnp.zeros(DATA)
    inputs = DATA
    for i in range(LAYERS_D):
        d[f"w{i}"], d[f"b{i}"] = normal(inputs, WIDTH_D * PIECES), jnp.zeros(WIDTH_D * PIECES)
        inputs = WIDTH_D
    d["w"], d["b"] = normal(inputs, 1), jnp.zeros(1)
    return g, d


def generate(g, z, running):
    x, moved = z, []
    for i in range(LAYERS_G):
        x = x @ g[f"w{i}"]
        mean, variance = x.mean(0), x.var(0)
        old_mean, old_variance = running[i]
        moved.append((old_mean + MOMENTUM * (mean - old_mean), old_variance + MOMENTUM * (variance - old_variance)))
        x = jax.nn.relu(g[f"gamma{i}"] * (x - mean) * jax.lax.rsqrt(variance + EPSILON) + g[f"beta{i}"])
    return x @ g["w"] + g["b"], moved


def judge(d, x):
    for i in range(LAYERS_D):
        x = (x @ d[f"w{i}"] + d[f"b{i}"]).reshape(-1, PIECES, WIDTH_D).max(1)
    return x @ d["w"] + d["b"]


def loss_d(d, real, fake):
    logits = judge(d, jnp.concatenate([real, fake]))
    return (jax.nn.softplus(-logits[:BATCH]).sum() + jax.nn.softplus(logits[BATCH:]).sum()) / BATCH


def loss_g(g, d, z, running):
    fake, moved = generate(g, z, running)
    return jax.nn.softplus(-judge(d, fake)).sum() / BATCH, moved


def adam(p, gradient, m, v, t):
    m = jax.tree.map(lambda m, g: m + (1 - BETA1) * (g - m), m, gradient)
    v = jax.tree.map(lambda v, g: v + (1 - BETA2) * (g * g - v), v, gradient)
    rate = RATE * jnp.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    return jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + ADAM_EPSILON), p, m, v), m, v


def step(state, points):
    key, t = state["key"], state["t"] + 1
    key, rows, first, second = jax.random.split(key, 4)
    real = points[jax.random.randint(rows, (BATCH,), 0, POINTS)]
    fake, running = generate(state["g"], jax.random.normal(first, (BATCH, LATENT)), state["running"])
    gradient = jax.grad(loss_d)(state["d"], real, fake)
    d, md, vd = adam(state["d"], gradient, state["md"], state["vd"], t)
    z = jax.random.normal(second, (BATCH, LATENT))
    gradient, running = jax.grad(loss_g, has_aux=True)(state["g"], d, z, running)
    g, mg, vg = adam(state["g"], gradient, state["mg"], state["vg"], t)
    return dict(key=key, t=t, g=g, d=d, mg=mg, vg=vg, md=md, vd=vd, running=running)


def start(key):
    g, d = parameters(key)
    zeros = lambda tree: jax.tree.map(jnp.zeros_like, tree)
    running = [(jnp.zeros(WIDTH_G), jnp.ones(WIDTH_G)) for _ in range(LAYERS_G)]
    return dict(key=key, t=jnp.zeros(()), g=g, d=d, mg=zeros(g), vg=zeros(g), md=zeros(d), vd=zeros(d), running=running)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--members", default="1,8,25")
    options.add_argument("--precision", default="fp32", choices=["fp32", "tf32"])
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--any-backend", action="store_true", help="also without a GPU")
    options = options.parse_args()
    backend = jax.default_backend()
    who = {"library": "JAX " + jax.__version__ + " on " + jax.devices()[0].device_kind, "backend": backend}
    if backend != "gpu" and not options.any_backend:
        print(json.dumps(who), flush=True)
        return
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if options.precision == "tf32" else "float32")
    points = jax.random.normal(jax.random.key(0), (POINTS, DATA))
    for members in map(int, options.members.split(",")):
        state = jax.vmap(start)(jax.random.split(jax.random.key(1), members))
        compiled = jax.jit(jax.vmap(step, in_axes=(0, None)), donate_argnums=0)
        for _ in range(max(3, options.steps // 10)):
            state = compiled(state, points)
        best = float("inf")
        for _ in range(3):
            jax.block_until_ready(state)
            begin = time.perf_counter()
            for _ in range(options.steps):
                state = compiled(state, points)
            jax.block_until_ready(state)
            best = min(best, (time.perf_counter() - begin) / options.steps)
        found = who | {
            "mode": "jit + vmap",
            "members": members,
            "precision": options.precision,
            "milliseconds": 1e3 * best,
        }
        print(json.dumps(found), flush=True)


main()
