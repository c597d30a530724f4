package dev.troupe.kernels.ptx;

import java.util.List;

/**
 * An instruction as it is written.
 *
 * @param line its line in the PTX file
 * @param location its line in the CUDA source, or null
 * @param guard the predicate that it is executed under, or null
 * @param opcode all of it, such as {@code ld.global.v4.f32}
 */
record Instruction(
    int line,
    Location location,
    Operand.Reg guard,
    boolean guardNegated,
    String opcode,
    List<Operand> operands) {}
