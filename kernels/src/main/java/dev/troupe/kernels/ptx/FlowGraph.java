package dev.troupe.kernels.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The order of a kernel's basic blocks: each comes before those that can be reached from it without
 * going back, and all of a loop before what follows the loop. In this order, the group of lanes
 * that is furthest behind is the one that others should wait for, and lanes that a branch has
 * parted meet at the branch's immediate post-dominator at the latest.
 */
final class FlowGraph {
  private final int n;
  private final List<List<Integer>> successors;

  FlowGraph(List<List<Integer>> successors) {
    this.n = successors.size();
    this.successors = new ArrayList<>();
    successors.forEach(s -> this.successors.add(new ArrayList<>(s)));
  }

  /** The blocks that can be reached from block 0, in order. */
  List<Integer> order() {
    keepLoopsTogether();
    return reversePostorder();
  }

  /** Adds an edge from the end of each loop to what follows the loop. */
  private void keepLoopsTogether() {
    List<Integer> before = reversePostorder();
    int[] place = new int[n];
    Arrays.fill(place, -1);
    for (int i = 0; i < before.size(); i++) {
      place[before.get(i)] = i;
    }
    List<int[]> added = new ArrayList<>();
    for (int tail : before) {
      for (int head : successors.get(tail)) {
        if (place[head] <= place[tail]) { // an edge back
          BitSet loop = loop(head, tail);
          for (int inside = loop.nextSetBit(0); inside >= 0; inside = loop.nextSetBit(inside + 1)) {
            for (int exit : successors.get(inside)) {
              if (!loop.get(exit)) {
                added.add(new int[] {tail, exit});
              }
            }
          }
        }
      }
    }
    for (int[] edge : added) {
      successors.get(edge[0]).add(edge[1]);
    }
  }

  /** The blocks from which {@code tail} can be reached without {@code head}, and head. */
  private BitSet loop(int head, int tail) {
    List<List<Integer>> predecessors = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      predecessors.add(new ArrayList<>());
    }
    for (int i = 0; i < n; i++) {
      for (int s : successors.get(i)) {
        predecessors.get(s).add(i);
      }
    }
    BitSet loop = new BitSet();
    loop.set(head);
    Deque<Integer> work = new ArrayDeque<>();
    work.push(tail);
    while (!work.isEmpty()) {
      int block = work.pop();
      if (!loop.get(block)) {
        loop.set(block);
        predecessors.get(block).forEach(work::push);
      }
    }
    return loop;
  }

  private List<Integer> reversePostorder() {
    List<Integer> order = new ArrayList<>();
    boolean[] seen = new boolean[n];
    int[] nextChild = new int[n];
    Deque<Integer> path = new ArrayDeque<>();
    path.push(0);
    seen[0] = true;
    while (!path.isEmpty()) {
      int block = path.peek();
      List<Integer> next = successors.get(block);
      if (nextChild[block] < next.size()) {
        int child = next.get(nextChild[block]++);
        if (!seen[child]) {
          seen[child] = true;
          path.push(child);
        }
      } else {
        order.add(block);
        path.pop();
      }
    }
    Collections.reverse(order);
    return order;
  }
}
