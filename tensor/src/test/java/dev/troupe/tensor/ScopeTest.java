package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.cpu.CpuDevice;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Device device = new CpuDevice(1);

  @AfterEach
  void close() {
    assertThat(device.memory().live()).isZero();
    device.close();
  }

  @Test
  void aClosedScopeGivesItsMemoryBack() {
    try (Scope outer = Scope.open(device, "outer")) {
      outer.zeros(Shape.of(100));
      long before = device.memory().live();
      for (int i = 0; i < 3; i++) {
        try (Scope step = Scope.open("step")) {
          assertThat(Scope.current()).isSameAs(step);
          assertThat(step.device()).isSameAs(device);
          for (int k = 1; k < 50; k++) {
            Tensor.empty(ElementType.REAL, Shape.of(k), "temporary");
          }
        }
        assertThat(device.memory().live()).isEqualTo(before);
        assertThat(Scope.current()).isSameAs(outer);
      }
      assertThat(device.memory().allocations()).isEqualTo(50);
    }
  }

  @Test
  void aTensorIsNotUsedAfterItsScope() {
    Tensor t;
    Tensor part;
    try (Scope step = Scope.open(device, "step")) {
      t = Tensor.empty(ElementType.REAL, Shape.of(8, 100, 2), "matmul");
      part = t.slice(1, 2);
    }
    String rest = " made by matmul is used after its scope 'step' closed";
    closed(t::buffer, "tensor: [8, 100, 2]" + rest);
    closed(() -> t.fill(1), "tensor: [8, 100, 2]" + rest);
    closed(t::toFloats, "tensor: [8, 100, 2]" + rest);
    closed(() -> t.reshape(Shape.of(1600)).toDoubles(), "tensor: [1600]" + rest);
    closed(part::toDoubles, "tensor: [1, 100, 2]" + rest);
    assertThat(t).hasToString("matmul[8, 100, 2] REAL on cpu");
    // Its memory may be another's now, and stays that one's.
    try (Scope next = Scope.open(device, "next")) {
      Tensor other = next.full(Shape.of(1600), 3);
      closed(() -> t.fill(1), "tensor: [8, 100, 2]" + rest);
      assertThat(other.toFloats()).containsOnly(3);
    }
  }

  @Test
  void nothingIsMadeInAClosedScope() {
    Scope scope = Scope.open(device, "model");
    scope.close();
    scope.close();
    assertThat(scope.isOpen()).isFalse();
    assertThat(scope).hasToString("scope 'model'");
    closed(() -> scope.zeros(Shape.of(2)), "scope: 'model' is closed, full cannot make [2] in it");
  }

  @Test
  void scopesCloseInReverseOrder() {
    Scope outer = Scope.open(device, "outer");
    Tensor kept = outer.full(Shape.of(2), 1);
    Scope inner = Scope.open("inner");
    closed(
        outer::close,
        "scope: 'outer' closes while 'inner' is the innermost open one; scopes close in reverse"
            + " order");
    assertThat(kept.toFloats()).containsOnly(1);
    inner.close();
    outer.close();
  }

  @Test
  void withoutAScopeNothingIsMade() {
    String message =
        "scope: none is open on this thread, expected try (Scope s = Scope.open(device, name))";
    closed(Scope::current, message);
    closed(() -> Scope.open("step"), message);
    closed(() -> Tensor.empty(ElementType.REAL, Shape.of(2), "add"), message);
  }

  @Test
  void eachThreadHasItsOwnScopes() throws InterruptedException {
    try (Scope mine = Scope.open(device, "mine")) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          new Thread(() -> {
            try (Device own = new CpuDevice(1)) {
              assertThatThrownBy(Scope::current).isInstanceOf(IllegalStateException.class);
              try (Scope theirs = Scope.open(own, "theirs")) {
                assertThat(Scope.current()).isSameAs(theirs);
                assertThat(theirs.full(Shape.of(3), 2).toFloats()).containsOnly(2);
                closed(
                    mine::close,
                    "scope: 'mine' closes on another thread than the one that opened it");
              }
              assertThat(own.memory().live()).isZero();
            } catch (Throwable t) {
              failure.set(t);
            }
          });
      other.start();
      other.join();
      assertThat(failure.get()).isNull();
      assertThat(Scope.current()).isSameAs(mine);
    }
  }

  private static void closed(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(IllegalStateException.class).hasMessage(message);
  }
}
