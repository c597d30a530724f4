package dev.troupe.kernels.cuda;

import dev.troupe.kernels.gpu.Machine;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** What a stream captured, ready to be launched on it. */
final class CudaGraph implements Machine.Graph {
  private final CudaMachine machine;
  private final CUstream stream;
  private final CUgraph graph = new CUgraph();
  private final CUgraphExec executable = new CUgraphExec();
  private final long[] nodes = new long[1];

  /** Ends the stream's capture. */
  CudaGraph(CudaMachine machine, CUstream stream) {
    this.machine = machine;
    this.stream = stream;
    Driver.check(JCudaDriver.cuStreamEndCapture(stream, graph), "cuStreamEndCapture", "a step");
    Driver.check(JCudaDriver.cuGraphGetNodes(graph, null, nodes), "cuGraphGetNodes", "a step");
    Driver.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate", this);
    Driver.check(JCudaDriver.cuGraphUpload(executable, stream), "cuGraphUpload", this);
  }

  @Override
  public void launch() {
    machine.launches(this, null);
    int code = JCudaDriver.cuGraphLaunch(executable, stream);
    if (code != 0) {
      throw Driver.failure(code, "cuGraphLaunch", this);
    }
  }

  @Override
  public int launches() {
    return (int) nodes[0];
  }

  @Override
  public void close() {
    Driver.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize", this);
    Driver.check(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy", this);
    Driver.check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy", this);
  }

  @Override
  public String toString() {
    return "a step of " + nodes[0] + " nodes";
  }
}
