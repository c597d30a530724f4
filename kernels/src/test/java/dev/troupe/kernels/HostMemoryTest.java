package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  private final HostMemory memory = new HostMemory("test", 4, float[]::new);

  @Test
  void reusesByTypeAndExactSize() {
    HostBuffer a = memory.allocate(ElementType.REAL, 10);
    HostBuffer b = memory.allocate(ElementType.REAL, 10);
    memory.release(a);
    assertThat(memory.allocate(ElementType.INT32, 10)).isNotSameAs(a);
    assertThat(memory.allocate(ElementType.REAL, 11)).isNotSameAs(a);
    assertThat(memory.allocate(ElementType.REAL, 10)).isSameAs(a);
    memory.release(b);
    assertThat(memory.allocate(ElementType.REAL, 10)).isSameAs(b);
    assertThat(a.floats()).hasSize(10);
    assertThat(memory.use().allocations()).isEqualTo(4);
  }

  @Test
  void countsBytes() {
    HostBuffer a = memory.allocate(ElementType.REAL, 10);
    HostBuffer b = memory.allocate(ElementType.INT32, 5);
    assertThat(memory.use()).isEqualTo(new Device.MemoryUse(60, 0, 60, 2));
    memory.release(a);
    assertThat(memory.use()).isEqualTo(new Device.MemoryUse(20, 40, 60, 2));
    memory.clear();
    assertThat(memory.use()).isEqualTo(new Device.MemoryUse(20, 0, 60, 2));
    memory.release(b);
    assertThat(memory.use()).isEqualTo(new Device.MemoryUse(0, 20, 60, 2));
  }

  @Test
  void countsBytesOfFloat64() {
    HostMemory wide = new HostMemory("wide", 8, double[]::new);
    wide.release(wide.allocate(ElementType.REAL, 10));
    assertThat(wide.use()).isEqualTo(new Device.MemoryUse(0, 80, 80, 1));
  }

  @Test
  void holdsItsAccountsUnderManySizes() {
    Random random = new Random(7);
    List<HostBuffer> held = new ArrayList<>();
    long live = 0;
    for (int n = 0; n < 100_000; n++) {
      if (held.isEmpty() || random.nextInt(held.size() + 50) < 50) {
        int size = random.nextInt(1000);
        ElementType type = random.nextBoolean() ? ElementType.REAL : ElementType.INT32;
        HostBuffer buffer = memory.allocate(type, size);
        assertThat(buffer.size()).isEqualTo(size);
        assertThat(buffer.type()).isEqualTo(type);
        held.add(buffer);
        live += 4L * size;
      } else {
        HostBuffer buffer = held.remove(random.nextInt(held.size()));
        memory.release(buffer);
        live -= 4L * buffer.size();
      }
      assertThat(memory.use().live()).isEqualTo(live);
    }
    assertThat(held).doesNotHaveDuplicates();
    // Far fewer arrays than requests, or nothing was reused.
    assertThat(memory.use().allocations()).isLessThan(20_000);
    held.forEach(memory::release);
    long pooled = memory.use().pooled();
    memory.clear();
    assertThat(pooled).isPositive();
    assertThat(memory.use().live()).isZero();
    assertThat(memory.use().pooled()).isZero();
  }

  @Test
  void aSteadyLoopAllocatesNothing() {
    HostBuffer[] step = new HostBuffer[100];
    Runnable steps =
        () -> {
          for (int n = 0; n < 1000; n++) {
            allocateAndRelease(step);
          }
        };
    assertThat(Garbage.settled(10_000, steps)).isLessThanOrEqualTo(10_000);
    assertThat(memory.use().allocations()).isEqualTo(100);
  }

  private void allocateAndRelease(HostBuffer[] step) {
    for (int i = 0; i < step.length; i++) {
      step[i] = memory.allocate(ElementType.REAL, 1 + i / 3);
    }
    for (HostBuffer buffer : step) {
      memory.release(buffer);
    }
  }

  @Test
  void refusesDoubleAndForeignReleaseAndSlices() {
    HostBuffer a = memory.allocate(ElementType.REAL, 10);
    assertThatThrownBy(() -> memory.release(a.slice(0, 10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("test: release of a slice of 10 elements, expected a whole buffer");
    HostMemory other = new HostMemory("other", 4, float[]::new);
    assertThatThrownBy(() -> other.release(a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("other: a buffer of 10 elements belongs to another device");
    HostBuffer slice = a.slice(2, 3);
    memory.release(a);
    assertThatThrownBy(() -> memory.release(a))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("test: a buffer of 10 elements has already been released");
    assertThatThrownBy(() -> memory.check(slice))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("test: a buffer of 3 elements has already been released");
    assertThatThrownBy(() -> memory.allocate(ElementType.REAL, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("test: a buffer of -1 elements");
    assertThat(memory.use()).isEqualTo(new Device.MemoryUse(0, 40, 40, 1));
  }

  @Test
  void emptiesThePoolOnceWhenTheHeapIsFull() {
    // A heap of 100 REAL elements beside what is pooled: the maker refuses as the JVM would.
    int[] held = {0};
    HostMemory[] self = new HostMemory[1];
    self[0] =
        new HostMemory(
            "small",
            4,
            n -> {
              long pooled = self[0].use().pooled() / 4;
              long live = self[0].use().live() / 4;
              held[0]++;
              if (live + pooled + n > 100) {
                throw new OutOfMemoryError("Java heap space");
              }
              return new float[n];
            });
    HostBuffer a = self[0].allocate(ElementType.REAL, 40);
    HostBuffer b = self[0].allocate(ElementType.REAL, 50);
    self[0].release(a);
    HostBuffer c = self[0].allocate(ElementType.REAL, 45); // only after a has been let go
    assertThat(c.floats()).hasSize(45);
    assertThat(held[0]).isEqualTo(4);
    assertThat(self[0].use()).isEqualTo(new Device.MemoryUse(380, 0, 380, 3));
    self[0].release(b);
    assertThatThrownBy(() -> self[0].allocate(ElementType.REAL, 60))
        .isInstanceOf(OutOfMemoryException.class)
        .hasMessage(
            "small: no memory for 240 bytes; 180 are live, 200 were pooled, the heap may grow to "
                + Runtime.getRuntime().maxMemory()
                + "; in use are 1 REAL of 45")
        .hasCauseInstanceOf(OutOfMemoryError.class);
    assertThat(self[0].use()).isEqualTo(new Device.MemoryUse(180, 0, 380, 3));
    assertThat(self[0].allocate(ElementType.REAL, 50).floats()).hasSize(50);
  }

  private static final class Whole extends PooledBuffer {
    Whole(BufferPool<?> owner, ElementType type, int size) {
      super(owner, type, size);
    }

    @Override
    public Buffer slice(int offset, int size) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void emptiesThePoolWhenThereIsNoRoomToHandOutAnew() {
    BufferPool<Whole> pool =
        new BufferPool<>("small", Whole.class, 4) {
          @Override
          protected Whole make(ElementType type, int size) {
            return new Whole(this, type, size);
          }

          @Override
          protected void handedOut(Whole buffer) {
            if (use().pooled() > 0) {
              throw new OutOfMemoryError("Java heap space");
            }
          }

          @Override
          protected String room() {
            return "none is free";
          }
        };
    Whole a = pool.allocate(ElementType.REAL, 10);
    Whole b = pool.allocate(ElementType.REAL, 20);
    pool.release(a);
    pool.release(b);
    assertThat(pool.allocate(ElementType.REAL, 10)).isSameAs(a);
    assertThat(pool.use()).isEqualTo(new Device.MemoryUse(40, 0, 120, 2));
  }

  @Test
  void theLargestHoldersAreNamed() {
    HostMemory full =
        new HostMemory(
            "full",
            4,
            n -> {
              if (n == 1_000) {
                throw new OutOfMemoryError("Java heap space");
              }
              return new float[n];
            });
    for (int i = 0; i < 3; i++) {
      full.allocate(ElementType.REAL, 10);
    }
    full.allocate(ElementType.INT32, 40);
    full.release(full.allocate(ElementType.REAL, 500));
    assertThatThrownBy(() -> full.allocate(ElementType.REAL, 1_000))
        .hasMessageStartingWith("full: no memory for 4000 bytes; 280 are live, 2000 were pooled, ")
        .hasMessageEndingWith("; in use are 1 INT32 of 40, 3 REAL of 10");
  }

  @Test
  void aReservationKeepsItsBuffersFromOthers() {
    HostBuffer before = memory.allocate(ElementType.REAL, 10);
    HostBuffer pooled = memory.allocate(ElementType.REAL, 20);
    memory.release(pooled);
    HostMemory.Reservation step = memory.reserve();
    HostBuffer a = memory.allocate(ElementType.REAL, 10);
    memory.release(a);
    assertThat(memory.allocate(ElementType.REAL, 10)).isSameAs(a); // again, inside
    assertThat(memory.allocate(ElementType.REAL, 20)).isSameAs(pooled);
    HostBuffer staying = memory.allocate(ElementType.REAL, 30);
    memory.release(a);
    memory.release(pooled);
    memory.release(before); // a repeated launch may read it
    step.seal();
    assertThat(memory.allocate(ElementType.REAL, 20)).isNotSameAs(pooled);
    assertThat(memory.allocate(ElementType.REAL, 10)).isNotSameAs(a).isNotSameAs(before);
    memory.release(staying);
    assertThat(memory.allocate(ElementType.REAL, 30)).isNotSameAs(staying);
    memory.clear();
    assertThat(memory.use().pooled()).isEqualTo(4 * (10 + 10 + 20 + 30));
    step.close();
    assertThat(memory.allocate(ElementType.REAL, 20)).isSameAs(pooled);
    assertThat(memory.allocate(ElementType.REAL, 30)).isSameAs(staying);
  }

  @Test
  void whatAReservationHadInUseGoesToThePoolOnceItIsClosed() {
    HostMemory.Reservation step = memory.reserve();
    assertThatThrownBy(memory::reserve)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("test: the last reservation is not sealed yet");
    HostBuffer a = memory.allocate(ElementType.REAL, 10);
    step.close();
    memory.release(a);
    assertThat(memory.allocate(ElementType.REAL, 10)).isSameAs(a);
    memory.reserve().close();
  }

  @Test
  void slicesShareStorage() {
    HostBuffer a = memory.allocate(ElementType.INT32, 10);
    HostBuffer inner = a.slice(2, 6).slice(1, 3);
    inner.set(0, 7);
    assertThat(a.get(3)).isEqualTo(7);
    assertThat(inner.offset()).isEqualTo(3);
    assertThat(a.slice(10, 0).size()).isZero();
    assertThatThrownBy(() -> a.slice(8, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("slice: 3 elements from 8 on are not inside a buffer of 10");
    assertThatThrownBy(() -> a.slice(-1, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> a.slice(1, Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> inner.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Behind the header of 16 bytes of an array at the start of a region. */
  @Test
  void largeBuffersBeginAtACacheLine() {
    HostMemory wide = new HostMemory("wide", 8, double[]::new);
    HostBuffer floats = memory.allocate(ElementType.REAL, 1 << 20);
    assertThat(floats.offset()).isEqualTo(12);
    assertThat(memory.allocate(ElementType.INT32, 1 << 20).offset()).isEqualTo(12);
    assertThat(wide.allocate(ElementType.REAL, 1 << 20).offset()).isEqualTo(6);
    assertThat(memory.allocate(ElementType.REAL, 1000).offset()).isZero();
    floats.set((1 << 20) - 1, 7);
    assertThat(floats.floats()[(1 << 20) + 11]).isEqualTo(7);
    assertThat(memory.use().live()).isEqualTo(2 * (4 << 20) + 4000);
  }
}
