package dev.troupe.bench;

import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.image.ClassifierTrainer;
import dev.troupe.gan.image.Dcgan;
import dev.troupe.gan.image.ImageFeed;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.gan.image.ResNet;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import java.util.Arrays;

/** Troupe's own side of the works on images. */
final class ImageWorks {
  private ImageWorks() {}

  /** What both have in common: a feed of batches, and a captured step. */
  private abstract static class Training implements Work {
    private final WorkSpec spec;
    private final int batch;
    private long steps;
    private CapturedStep step;
    final int members;
    final Device device;
    final Scope scope;
    ImageFeed feed;

    Training(WorkSpec spec, int members, int batch, Device device) {
      this.spec = spec;
      this.members = members;
      this.batch = batch;
      this.device = device;
      this.scope = Scope.open(device, spec.name());
    }

    void capture(Runnable train) {
      step = CapturedStep.of(device, train);
    }

    abstract int index(int member, long step, int i);

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      int[] indices = new int[members * batch];
      Arrays.setAll(indices, i -> index(i / batch, steps, i % batch));
      feed.set(indices);
      step.run();
      steps++;
      device.synchronize();
    }

    @Override
    public double flops() {
      return spec.flops(members);
    }

    @Override
    public void close() {
      step.close();
      scope.close();
      device.close();
    }
  }

  /** A step of the trainer that the experiment uses, discriminator first. */
  static final class Dcgan32 extends Training {
    Dcgan32(int members, Device device) {
      super(new WorkSpec.Dcgan32(), members, WorkSpec.Dcgan32.BATCH, device);
      int size = WorkSpec.Dcgan32.SIZE;
      float[] pixels = new WorkSpec.Dcgan32().images();
      ImageTable table = ImageTable.of(scope, WorkSpec.Dcgan32.CHANNELS, size, size, pixels);
      feed = new ImageFeed(scope, table, members, WorkSpec.Dcgan32.BATCH);
      GanTrainer.Config config =
          new GanTrainer.Config(
              WorkSpec.Dcgan32.BATCH,
              1,
              new GanTrainer.Updates(false, 1, false, true),
              Schedule.constant(WorkSpec.Dcgan32.LEARNING_RATE),
              AdamSettings.DEFAULT.withBetas(WorkSpec.Dcgan32.BETA1, WorkSpec.Dcgan32.BETA2));
      State state = new State(scope, 1, Rng.firstMembers(members));
      GanTrainer trainer =
          new GanTrainer(Dcgan.small(WorkSpec.Dcgan32.CHANNELS).create(state), config, feed, 1);
      capture(trainer::step);
    }

    @Override
    int index(int member, long step, int i) {
      return WorkSpec.Dcgan32.index(member, step, i);
    }
  }

  /** A step of the trainer that the experiment uses. */
  static final class ResNet18 extends Training {
    ResNet18(int members, Device device) {
      super(new WorkSpec.ResNet18(), members, WorkSpec.ResNet18.BATCH, device);
      int size = WorkSpec.ResNet18.SIZE;
      float[] pixels = new WorkSpec.ResNet18().images();
      ImageTable table = ImageTable.of(scope, WorkSpec.ResNet18.CHANNELS, size, size, pixels);
      int[] labels = new int[WorkSpec.ResNet18.IMAGES];
      Arrays.setAll(labels, WorkSpec.ResNet18::label);
      feed = new ImageFeed(scope, table, labels, members, WorkSpec.ResNet18.BATCH);
      ClassifierTrainer trainer =
          new ClassifierTrainer(
              new State(scope, 1, Rng.firstMembers(members)),
              s ->
                  ResNet.resNet18(
                      s,
                      WorkSpec.ResNet18.CHANNELS,
                      WorkSpec.ResNet18.CLASSES,
                      WorkSpec.ResNet18.WIDTH),
              (s, p) ->
                  Optimiser.sgd(
                      s,
                      p,
                      Schedule.constant(WorkSpec.ResNet18.LEARNING_RATE),
                      WorkSpec.ResNet18.MOMENTUM,
                      false,
                      0),
              feed,
              1);
      capture(trainer::step);
    }

    @Override
    int index(int member, long step, int i) {
      return WorkSpec.ResNet18.index(member, step, i);
    }
  }
}
