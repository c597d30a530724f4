package dev.troupe.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** A device address as JCuda wants it. */
final class Address extends CUdeviceptr {
  /** To be filled by an allocation. */
  Address() {}

  Address(long value) {
    super(new CUdeviceptr(), value);
  }

  /** What an allocation has filled in. */
  long value() {
    return getNativePointer() + getByteOffset();
  }
}
