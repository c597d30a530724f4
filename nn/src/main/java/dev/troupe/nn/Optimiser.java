package dev.troupe.nn;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes parameters by their gradients. Its counter, learning rate and moments are tensors in the
 * {@link State}, so that a step touches nothing on the host, and a checkpoint of the state resumes
 * it exactly.
 */
public final class Optimiser {
  private final List<Variable> parameters;
  private final List<Buffer> weights;
  private final Tensor step; // INT32 [1]: updates done
  private final boolean countsItself;
  private final Tensor rate; // REAL [1]
  private final Schedule schedule;
  private final Rule rule;

  /** What an algorithm does in one update; the counter says how many there were before. */
  private interface Rule {
    Primitive update(Buffer rate, Buffer step, List<Buffer> weights, List<Buffer> gradients);
  }

  private Optimiser(
      State state, Tensor step, List<Variable> parameters, Schedule schedule, Rule rule) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("optimiser: no parameters, expected one or more");
    }
    this.parameters = List.copyOf(parameters);
    this.weights = buffers(parameters);
    this.schedule = schedule;
    this.rule = rule;
    Scope scope = state.scope();
    this.countsItself = step == null;
    this.step = countsItself ? state.keep("step", scope.of(Shape.of(1), new int[1])) : step;
    this.rate = state.keep("rate", scope.zeros(Shape.of(1)));
    setRate();
  }

  /**
   * The constants of Adam (Kingma and Ba 2014).
   *
   * @param folded whether epsilon is added to the square root of the uncorrected second moment, as
   *     at the end of their section 2 and in Blocks and TensorFlow, or to the corrected one, as in
   *     their Algorithm 1 and in PyTorch
   * @param decay decoupled weight decay (Loshchilov and Hutter 2019), times the learning rate
   */
  public record AdamSettings(
      double beta1, double beta2, double epsilon, boolean folded, double decay) {
    /** 0.9, 0.999, 1e-8, Algorithm 1, no decay. */
    public static final AdamSettings DEFAULT = new AdamSettings(0.9, 0.999, 1e-8, false, 0);

    /** With other moments' rates. */
    public AdamSettings withBetas(double beta1, double beta2) {
      return new AdamSettings(beta1, beta2, epsilon, folded, decay);
    }

    /** The folded form. */
    public AdamSettings withFoldedCorrection() {
      return new AdamSettings(beta1, beta2, epsilon, true, decay);
    }
  }

  /** Adam for some parameters; its moments and counter are in {@code state}. */
  public static Optimiser adam(
      State state, List<Variable> parameters, Schedule schedule, AdamSettings settings) {
    return adam(state, null, parameters, schedule, settings);
  }

  /**
   * Adam for some parameters, whose updates somebody else counts.
   *
   * @param step how many there have been, INT32 [1]; goes up by 1 after each update
   */
  public static Optimiser adam(
      State state,
      Tensor step,
      List<Variable> parameters,
      Schedule schedule,
      AdamSettings settings) {
    checkRate("adam: beta1", settings.beta1);
    checkRate("adam: beta2", settings.beta2);
    checkNotNegative("adam: epsilon", settings.epsilon);
    checkNotNegative("adam: decay", settings.decay);
    List<Buffer> m = moments(state, "m", parameters);
    List<Buffer> v = moments(state, "v", parameters);
    return new Optimiser(
        state,
        step,
        parameters,
        schedule,
        (rate, updates, weights, gradients) ->
            new Primitive.Adam(
                settings.beta1,
                settings.beta2,
                settings.epsilon,
                settings.folded,
                settings.decay,
                rate,
                updates,
                weights,
                gradients,
                m,
                v));
  }

  /** Stochastic gradient descent with momentum and (coupled) weight decay. */
  public static Optimiser sgd(
      State state,
      List<Variable> parameters,
      Schedule schedule,
      double momentum,
      boolean nesterov,
      double decay) {
    checkRate("sgd: momentum", momentum);
    checkNotNegative("sgd: decay", decay);
    List<Buffer> velocity = momentum == 0 ? List.of() : moments(state, "velocity", parameters);
    return new Optimiser(
        state,
        null,
        parameters,
        schedule,
        (rate, updates, weights, gradients) ->
            new Primitive.Sgd(momentum, nesterov, decay, rate, weights, gradients, velocity));
  }

  /** The parameters that it changes. */
  public List<Variable> parameters() {
    return parameters;
  }

  /** Differentiates the sum of {@code loss} by the parameters, and updates them. */
  public void minimise(Variable loss) {
    update(Gradients.of(loss, parameters.toArray(Variable[]::new)));
  }

  /**
   * Updates the parameters.
   *
   * @param gradients one for each parameter, in their order
   */
  public void update(Variable... gradients) {
    if (gradients.length != parameters.size()) {
      throw new IllegalArgumentException(
          "optimiser: " + gradients.length + " gradients for " + parameters.size() + " parameters");
    }
    if (!schedule.isConstant()) {
      setRate();
    }
    step.device()
        .run(rule.update(rate.buffer(), step.buffer(), weights, buffers(List.of(gradients))));
    if (countsItself) {
      step.device().run(new Primitive.Increment(step.buffer()));
    }
  }

  /** The rate for the update that comes next. */
  private void setRate() {
    try (Scope scope = Scope.open(step.device(), "schedule")) {
      Tensor t = scope.empty(ElementType.REAL, Shape.of(1), "step");
      t.copyFrom(step);
      rate.copyFrom(schedule.at(Variable.constant(t)).tensor());
    }
  }

  private static List<Buffer> moments(State state, String name, List<Variable> parameters) {
    List<Buffer> list = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      Shape one = parameters.get(i).shape().without(0);
      list.add(state.buffer(name + i, one, 0).buffer());
    }
    return List.copyOf(list);
  }

  private static List<Buffer> buffers(List<Variable> variables) {
    Buffer[] list = new Buffer[variables.size()];
    for (int i = 0; i < list.length; i++) {
      list[i] = variables.get(i).tensor().buffer();
    }
    return List.of(list);
  }

  private static void checkNotNegative(String what, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(what + " is " + value + ", expected 0 or more");
    }
  }

  private static void checkRate(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " is " + value + ", expected 0 up to 1");
    }
  }
}
