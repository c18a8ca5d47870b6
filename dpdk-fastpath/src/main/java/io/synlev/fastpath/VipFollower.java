package io.synlev.fastpath;

import io.synlev.state.Prefix;
import java.io.IOException;
import java.util.List;

/** Something in front of a port that brings it packets to services; one thread at a time. */
interface VipFollower {

  /** Brings packets to these from now on; does nothing when they are the same list as before. */
  void take(List<Prefix> vips) throws IOException;

  /** Brings nothing any more. */
  void letGo() throws IOException;
}
