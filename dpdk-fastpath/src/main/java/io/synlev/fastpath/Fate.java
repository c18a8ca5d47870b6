package io.synlev.fastpath;

/** What becomes of a frame that is not for a backend. */
enum Fate {
  /** It is an answer now, and goes back by the port that it came from. */
  ANSWER,

  /** It is not ours: the kernel's, if there is a port to it. */
  PASS,

  /** It ends here. */
  FREE
}
