package dev.troupe.bench.peers;

import dev.troupe.bench.WorkSpec.Grid2d;
import java.util.List;

/**
 * The networks of one member in plain loops over doubles, from the parameters in the order in which
 * the peers list them.
 */
final class HandNetworks {
  private final List<float[]>
      parametersG; // (weight, scale, shift) of each hidden layer, weight, bias
  private final List<float[]> parametersD; // (weight, bias) of each layer
  private final int member;
  private final int members;
  private final boolean inputsFirst;

  /**
   * One of several members.
   *
   * @param inputsFirst weights are {@code [in, out]} of each member, not {@code [out, in]}
   */
  HandNetworks(
      List<float[]> parametersG,
      List<float[]> parametersD,
      int member,
      int members,
      boolean inputsFirst) {
    this.parametersG = parametersG;
    this.parametersD = parametersD;
    this.member = member;
    this.members = members;
    this.inputsFirst = inputsFirst;
  }

  private float own(float[] all, int index) {
    return all[member * (all.length / members) + index];
  }

  private double[][] linear(double[][] x, float[] weight, float[] bias) {
    int inputs = x[0].length;
    int outputs = weight.length / members / inputs;
    double[][] y = new double[x.length][outputs];
    for (int i = 0; i < x.length; i++) {
      for (int o = 0; o < outputs; o++) {
        double sum = bias == null ? 0 : own(bias, o);
        for (int k = 0; k < inputs; k++) {
          sum += x[i][k] * own(weight, inputsFirst ? k * outputs + o : o * inputs + k);
        }
        y[i][o] = sum;
      }
    }
    return y;
  }

  /** Batch norm with batch statistics, then ReLU, in place. */
  private void normRelu(double[][] x, float[] scale, float[] shift) {
    for (int f = 0; f < x[0].length; f++) {
      double mean = 0;
      double variance = 0;
      for (double[] row : x) {
        mean += row[f] / x.length;
      }
      for (double[] row : x) {
        variance += (row[f] - mean) * (row[f] - mean) / x.length;
      }
      for (double[] row : x) {
        double normal = (row[f] - mean) / Math.sqrt(variance + 1e-4);
        row[f] = Math.max(0, normal * own(scale, f) + own(shift, f));
      }
    }
  }

  double[][] generate(double[][] z) {
    double[][] h = z;
    for (int i = 0; i < Grid2d.GENERATOR_LAYERS; i++) {
      h = linear(h, parametersG.get(3 * i), null);
      normRelu(h, parametersG.get(3 * i + 1), parametersG.get(3 * i + 2));
    }
    int last = 3 * Grid2d.GENERATOR_LAYERS;
    return linear(h, parametersG.get(last), parametersG.get(last + 1));
  }

  double[] score(double[][] x) {
    double[][] h = x;
    for (int i = 0; i < Grid2d.DISCRIMINATOR_LAYERS; i++) {
      double[][] pieces = linear(h, parametersD.get(2 * i), parametersD.get(2 * i + 1));
      h = new double[x.length][Grid2d.DISCRIMINATOR_WIDTH];
      for (int n = 0; n < x.length; n++) {
        for (int u = 0; u < h[n].length; u++) {
          double largest = Double.NEGATIVE_INFINITY;
          for (int p = 0; p < Grid2d.PIECES; p++) {
            largest = Math.max(largest, pieces[n][u * Grid2d.PIECES + p]);
          }
          h[n][u] = largest;
        }
      }
    }
    int last = 2 * Grid2d.DISCRIMINATOR_LAYERS;
    double[][] logits = linear(h, parametersD.get(last), parametersD.get(last + 1));
    double[] flat = new double[x.length];
    for (int n = 0; n < flat.length; n++) {
      flat[n] = logits[n][0];
    }
    return flat;
  }
}
