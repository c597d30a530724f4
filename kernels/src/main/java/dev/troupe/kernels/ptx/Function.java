package dev.troupe.kernels.ptx;

import java.util.List;

/**
 * A function that kernels call.
 *
 * @param results the names of what it gives, in the {@code .param} space
 * @param parameters the names of what it takes, likewise
 */
record Function(String name, List<String> results, List<String> parameters, Body body) {}
