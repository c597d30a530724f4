package dev.troupe.experiments.data;

/**
 * A file that images were read from: what a published score says of its data.
 *
 * @param name its path as it was opened
 * @param bytes its size
 * @param sha256 of all its bytes, in lower-case hexadecimal digits
 */
public record SourceFile(String name, long bytes, String sha256) {}
