package io.synlev.steering;

import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import java.util.function.IntPredicate;

/**
 * Which marks are backends': of any pool that a service uses, whatever their state. Flows keep a
 * backend that was drained or deactivated, and lose one that was removed.
 *
 * <p>Belongs to one worker, while that decides about a batch: the answer is of the same epoch or a
 * later one, and when the epoch has moved, the batch is decided again. Allocates nothing; takes as
 * long as it takes to look at every backend.
 */
public final class LiveMarks implements IntPredicate {

  private final Views views;
  private final int worker;
  private final Epoch epochs;

  /** Makes the worker's own. */
  public LiveMarks(Instance instance, Views views, int worker) {
    this.views = views;
    this.worker = worker;
    this.epochs = new Epoch(instance);
  }

  /**
   * Whether a backend has this mark.
   *
   * @param mark within the instance's mask
   */
  @Override
  public boolean test(int mark) {
    if (mark == 0) {
      return false;
    }
    long epoch = epochs.read();
    PoolCursor[] cursors = views.current().cursors(worker);
    for (int i = 0; i < cursors.length; i++) {
      cursors[i].refresh(epoch);
      if (cursors[i].hasMark(mark)) {
        return true;
      }
    }
    return false;
  }
}
