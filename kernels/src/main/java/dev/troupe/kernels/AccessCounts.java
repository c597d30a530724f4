package dev.troupe.kernels;

/**
 * How the warps of a launch used memory: what Nsight Compute's tables of source counters and of
 * memory say, counted from a kernel's instructions of PTX. What a GPU's caches keep and what its
 * compiler merges or leaves out is not in it.
 *
 * @param instructions executed by warps, each once for all lanes that execute it together
 * @param threadInstructions executed by threads
 * @param loads from global memory, {@code cp.async} among them
 * @param stores to global memory, atomic operations among them
 * @param local loads and stores of threads' local memory
 * @param bytesRead distinct bytes of global memory that loads asked for
 * @param bytesWritten distinct bytes of global memory that stores asked for
 * @param wavefronts passes in which shared memory serves all requests: it has 32 banks of 4 bytes,
 *     each of which gives one word in a pass, to as many lanes as want it. Accesses of 8 bytes are
 *     served for half a warp at a time, those of 16 bytes for a quarter
 * @param idealWavefronts those that would remain without bank conflicts
 */
public record AccessCounts(
    long instructions,
    long threadInstructions,
    Requests loads,
    Requests stores,
    Requests local,
    long bytesRead,
    long bytesWritten,
    long wavefronts,
    long idealWavefronts) {
  private static final int LANES = 32;

  /**
   * Instructions of warps that load or store.
   *
   * @param count of instructions, each for all lanes that execute it together
   * @param sectors of 32 bytes that they touch, counted anew for each request
   * @param idealSectors how few would do for the distinct bytes that each request asks for
   * @param bytes that lanes ask for, the same for several lanes as often as they do
   */
  public record Requests(long count, long sectors, long idealSectors, long bytes) {
    /** None. */
    public static final Requests NONE = new Requests(0, 0, 0, 0);

    /** Of both. */
    public Requests plus(Requests other) {
      return new Requests(
          count + other.count,
          sectors + other.sectors,
          idealSectors + other.idealSectors,
          bytes + other.bytes);
    }

    /** Sectors for each that would do: 1 is best. 1 where nothing is asked for. */
    public double excess() {
      return idealSectors == 0 ? 1 : (double) sectors / idealSectors;
    }
  }

  /** Nothing. */
  public static final AccessCounts NONE =
      new AccessCounts(0, 0, Requests.NONE, Requests.NONE, Requests.NONE, 0, 0, 0, 0);

  /** Of both launches; what both touch counts twice. */
  public AccessCounts plus(AccessCounts other) {
    return new AccessCounts(
        instructions + other.instructions,
        threadInstructions + other.threadInstructions,
        loads.plus(other.loads),
        stores.plus(other.stores),
        local.plus(other.local),
        bytesRead + other.bytesRead,
        bytesWritten + other.bytesWritten,
        wavefronts + other.wavefronts,
        idealWavefronts + other.idealWavefronts);
  }

  /** Wavefronts for each that would remain without bank conflicts: 1 is best. */
  public double conflicts() {
    return idealWavefronts == 0 ? 1 : (double) wavefronts / idealWavefronts;
  }

  /** The share of the lanes of a warp that take part in an instruction: 1 is best. */
  public double activeLanes() {
    return instructions == 0 ? 1 : (double) threadInstructions / (LANES * instructions);
  }
}
