package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;

/** Rows and channels scaled by their own statistics. */
final class Normalisation {
  private Normalisation() {}

  // x and y [rows, size]; shifted by the largest, so that no exp overflows
  static void softmax(Primitive.Softmax op, Reals x, Reals y) {
    int size = op.size();
    for (int r = 0; r < op.rows(); r++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        max = Math.max(max, x.get(r * size + i));
      }
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += Math.exp(x.get(r * size + i) - max);
      }
      for (int i = 0; i < size; i++) {
        double shifted = x.get(r * size + i) - max;
        y.set(r * size + i, op.log() ? shifted - Math.log(sum) : Math.exp(shifted) / sum);
      }
    }
  }

  // y, dy and dx [rows, size]
  static void softmaxGrad(Primitive.SoftmaxGrad op, Reals y, Reals dy, Reals dx) {
    int size = op.size();
    for (int r = 0; r < op.rows(); r++) {
      double sum = 0;
      for (int i = r * size; i < (r + 1) * size; i++) {
        sum += op.log() ? dy.get(i) : y.get(i) * dy.get(i);
      }
      for (int i = r * size; i < (r + 1) * size; i++) {
        dx.set(i, op.log() ? dy.get(i) - Math.exp(y.get(i)) * sum : y.get(i) * (dy.get(i) - sum));
      }
    }
  }

  // x and y [members, batch, channels, spatial], all else [members, channels]; variance in a second
  // pass
  static void batchNorm(
      Primitive.BatchNorm op,
      Reals x,
      Reals gamma,
      Reals beta,
      Reals y,
      Reals mean,
      Reals variance) {
    double count = (double) op.batch() * op.spatial();
    for (int e = 0; e < op.members(); e++) {
      for (int c = 0; c < op.channels(); c++) {
        int ec = e * op.channels() + c;
        double sum = 0;
        for (int b = 0; b < op.batch(); b++) {
          for (int s = 0; s < op.spatial(); s++) {
            sum += x.get(((e * op.batch() + b) * op.channels() + c) * op.spatial() + s);
          }
        }
        double mu = sum / count;
        double squares = 0;
        for (int b = 0; b < op.batch(); b++) {
          for (int s = 0; s < op.spatial(); s++) {
            double d = x.get(((e * op.batch() + b) * op.channels() + c) * op.spatial() + s) - mu;
            squares += d * d;
          }
        }
        double var = squares / count;
        mean.set(ec, mu);
        variance.set(ec, var);
        for (int b = 0; b < op.batch(); b++) {
          for (int s = 0; s < op.spatial(); s++) {
            int at = ((e * op.batch() + b) * op.channels() + c) * op.spatial() + s;
            double normalised = (x.get(at) - mu) / Math.sqrt(var + op.epsilon());
            double z = gamma.get(ec) * normalised + beta.get(ec);
            y.set(at, z > 0 ? z : op.slope() * z);
          }
        }
      }
    }
  }

  static void approach(Reals running, Reals batch, double rate) {
    for (int i = 0; i < running.size(); i++) {
      running.set(i, Math.fma(rate, batch.get(i) - running.get(i), running.get(i)));
    }
  }

  // x, y, dy and dx [members, batch, channels, spatial], all else [members, channels]
  static void batchNormGrad(
      Primitive.BatchNormGrad op,
      Reals x,
      Reals gamma,
      Reals y,
      Reals mean,
      Reals variance,
      Reals dy,
      Reals dx,
      Reals dgamma,
      Reals dbeta) {
    double count = (double) op.batch() * op.spatial();
    for (int e = 0; e < op.members(); e++) {
      for (int c = 0; c < op.channels(); c++) {
        int ec = e * op.channels() + c;
        double scale = 1 / Math.sqrt(variance.get(ec) + op.epsilon());
        double sumDz = 0; // over the batch and space; z is what the activation gets
        double sumDzNormalised = 0;
        for (int b = 0; b < op.batch(); b++) {
          for (int s = 0; s < op.spatial(); s++) {
            int at = ((e * op.batch() + b) * op.channels() + c) * op.spatial() + s;
            double dz = y.get(at) > 0 ? dy.get(at) : op.slope() * dy.get(at);
            sumDz += dz;
            sumDzNormalised += dz * (x.get(at) - mean.get(ec)) * scale;
          }
        }
        dbeta.set(ec, sumDz);
        dgamma.set(ec, sumDzNormalised);
        for (int b = 0; b < op.batch(); b++) {
          for (int s = 0; s < op.spatial(); s++) {
            int at = ((e * op.batch() + b) * op.channels() + c) * op.spatial() + s;
            double dz = y.get(at) > 0 ? dy.get(at) : op.slope() * dy.get(at);
            double normalised = (x.get(at) - mean.get(ec)) * scale;
            dx.set(
                at,
                gamma.get(ec)
                    * scale
                    * (dz - sumDz / count - normalised * sumDzNormalised / count));
          }
        }
      }
    }
  }
}
