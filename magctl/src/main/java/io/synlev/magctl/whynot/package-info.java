/**
 * A packet that is sent as if a client had sent it, and watched on its way: what was seen of it,
 * and what that means.
 *
 * <p>It is put in behind the card's driver and ahead of everything that Linux does with it. Nothing
 * outlives the process. Knows no command line and no output.
 */
package io.synlev.magctl.whynot;
