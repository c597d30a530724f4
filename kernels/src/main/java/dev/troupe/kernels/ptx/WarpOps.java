package dev.troupe.kernels.ptx;

/** What lanes of a warp do together. Each waits until all lanes that its mask names are there. */
final class WarpOps {
  private WarpOps() {}

  /** An instruction with a mask of lanes that must execute it together. */
  abstract static class Sync extends Op {
    final int members; // register

    Sync(int members) {
      this.members = members;
    }

    @Override
    final void run(Warp w, int mask) {
      if ((mask & ~w.known32[members]) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int rest = mask;
      int waiting = 0;
      while (rest != 0) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int named = w.r32[members][lane];
        int party = sameMask(w, rest, named);
        checkNamed(w, party, named);
        rest &= ~party;
        if ((named & w.live & ~party) != 0) {
          waiting |= party;
        } else {
          together(w, party);
        }
      }
      if (waiting != 0) {
        w.waitForLanes(waiting);
      }
    }

    private int sameMask(Warp w, int lanes, int named) {
      int party = 0;
      for (int m = lanes; m != 0; m &= m - 1) {
        int l = Integer.numberOfTrailingZeros(m);
        if (w.r32[members][l] == named) {
          party |= 1 << l;
        }
      }
      return party;
    }

    private void checkNamed(Warp w, int party, int named) {
      int outside = party & ~named;
      if (outside != 0) {
        throw w.fault(
            this,
            Integer.numberOfTrailingZeros(outside),
            String.format(
                "lane %d executes this, but the mask 0x%08x does not name it",
                Integer.numberOfTrailingZeros(outside), named));
      }
    }

    @Override
    final boolean ready(Warp w, int mask) {
      int rest = mask;
      while (rest != 0) {
        int named = w.r32[members][Integer.numberOfTrailingZeros(rest)];
        int party = sameMask(w, rest, named);
        if ((named & w.live & ~party) == 0) {
          return true;
        }
        rest &= ~party;
      }
      return false;
    }

    /** All of the lanes are here. */
    abstract void together(Warp w, int mask);
  }

  /** {@code bar.warp.sync}. */
  static final class WarpBarrier extends Sync {
    WarpBarrier(int members) {
      super(members);
    }

    @Override
    void together(Warp w, int mask) {
      w.meet(mask);
    }
  }

  /** Where {@code shfl} reads from. */
  enum Direction {
    UP,
    DOWN,
    BFLY,
    IDX
  }

  /** {@code shfl.sync}. What comes from a lane that does not take part has no value. */
  static final class Shuffle extends Sync {
    final Direction direction;
    final int d; // or -1
    final int p; // or -1
    final int a;
    final int b;
    final int c;

    Shuffle(Direction direction, int d, int p, int a, int b, int c, int members) {
      super(members);
      this.direction = direction;
      this.d = d;
      this.p = p;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void together(Warp w, int mask) {
      if ((mask & ~(w.known32[b] & w.known32[c])) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int[] values = w.r32[a];
      int known = w.known32[a] & mask;
      int[] out = new int[LANES];
      int inRange = 0;
      int outKnown = 0;
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        int by = w.r32[b][lane] & 31;
        int clamp = w.r32[c][lane] & 31;
        int segments = w.r32[c][lane] >> 8 & 31;
        int last = lane & segments | clamp & ~segments;
        int from =
            switch (direction) {
              case UP -> lane - by;
              case DOWN -> lane + by;
              case BFLY -> lane ^ by;
              case IDX -> lane & segments | by & ~segments;
            };
        boolean in = direction == Direction.UP ? from >= last : from <= last;
        if (in) {
          inRange |= 1 << lane;
        } else {
          from = lane;
        }
        out[lane] = values[from];
        if ((known >>> from & 1) != 0) {
          outKnown |= 1 << lane;
        }
      }
      if (d >= 0) {
        w.done32(d, mask, out, outKnown);
      }
      if (p >= 0) {
        w.setPred(p, mask, inRange, -1);
      }
    }
  }

  /** What {@code vote} asks. */
  enum Question {
    ALL,
    ANY,
    UNI,
    BALLOT
  }

  /** {@code vote.sync}. */
  static final class Vote extends Sync {
    final Question question;
    final int d;
    final int p;
    final boolean negated;

    Vote(Question question, int d, int p, boolean negated, int members) {
      super(members);
      this.question = question;
      this.d = d;
      this.p = p;
      this.negated = negated;
    }

    @Override
    void together(Warp w, int mask) {
      if ((mask & ~w.knownPred[p]) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int yes = (negated ? ~w.pred[p] : w.pred[p]) & mask;
      switch (question) {
        case ALL -> w.setPred(d, mask, yes == mask ? -1 : 0, -1);
        case ANY -> w.setPred(d, mask, yes != 0 ? -1 : 0, -1);
        case UNI -> w.setPred(d, mask, yes == mask || yes == 0 ? -1 : 0, -1);
        case BALLOT -> {
          int[] out = new int[LANES];
          java.util.Arrays.fill(out, yes);
          w.done32(d, mask, out, -1);
        }
      }
    }
  }

  /** {@code match.sync}: which lanes have the same value. */
  static final class Match extends Sync {
    final boolean all;
    final boolean wide;
    final int d;
    final int p; // or -1
    final int a;

    Match(boolean all, boolean wide, int d, int p, int a, int members) {
      super(members);
      this.all = all;
      this.wide = wide;
      this.d = d;
      this.p = p;
      this.a = a;
    }

    @Override
    void together(Warp w, int mask) {
      if ((mask & ~(wide ? w.known64[a] : w.known32[a])) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int[] out = new int[LANES];
      int same = 0;
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        same = 0;
        for (int n = mask; n != 0; n &= n - 1) {
          int other = Integer.numberOfTrailingZeros(n);
          boolean equal =
              wide ? w.r64[a][lane] == w.r64[a][other] : w.r32[a][lane] == w.r32[a][other];
          same |= equal ? 1 << other : 0;
        }
        out[lane] = all && same != mask ? 0 : same;
      }
      w.done32(d, mask, out, -1);
      if (p >= 0) {
        w.setPred(p, mask, same == mask ? -1 : 0, -1);
      }
    }
  }

  /** {@code redux.sync}: one value from all lanes'. */
  static final class Reduce extends Sync {
    final java.util.function.IntBinaryOperator join;
    final int d;
    final int a;

    Reduce(java.util.function.IntBinaryOperator join, int d, int a, int members) {
      super(members);
      this.join = join;
      this.d = d;
      this.a = a;
    }

    @Override
    void together(Warp w, int mask) {
      if ((mask & ~w.known32[a]) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int value = w.r32[a][Integer.numberOfTrailingZeros(mask)];
      for (int m = mask & mask - 1; m != 0; m &= m - 1) {
        value = join.applyAsInt(value, w.r32[a][Integer.numberOfTrailingZeros(m)]);
      }
      int[] out = new int[LANES];
      java.util.Arrays.fill(out, value);
      w.done32(d, mask, out, -1);
    }
  }

  /** {@code activemask}. */
  static final class ActiveMask extends Op {
    final int d;

    ActiveMask(int d) {
      this.d = d;
    }

    @Override
    void run(Warp w, int mask) {
      int[] out = new int[LANES];
      java.util.Arrays.fill(out, mask);
      w.done32(d, mask, out, -1);
    }
  }
}
