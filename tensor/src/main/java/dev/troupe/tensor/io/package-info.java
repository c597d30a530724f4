/**
 * Arrays in files: {@link dev.troupe.tensor.io.Npy .npy}, {@link dev.troupe.tensor.io.SafeTensors
 * .safetensors}, {@linkplain dev.troupe.tensor.io.AtomicFiles atomic writing} and {@linkplain
 * dev.troupe.tensor.io.CheckpointStore checkpoints} that survive a kill at any moment.
 *
 * <p>Everything here works on {@link dev.troupe.tensor.io.HostArray}: plain Java arrays with a
 * shape. A file that is not what it should be gives an {@link
 * dev.troupe.tensor.io.ArrayFileException}; a failing disk gives an ordinary {@link
 * java.io.IOException}. Both say in one sentence which file, what was found and what was expected.
 */
package dev.troupe.tensor.io;
