package io.synlev.datapath;

/**
 * Keeps packets whose decision has to wait, and sends them on their way again; what a datapath
 * gives to a decider that asks for it.
 *
 * <p>A packet that was released arrives again as any other does. Belongs to one worker thread;
 * neither allocates nor throws per packet.
 */
public interface HeldPackets {

  /** No packet is held. */
  int NONE = -1;

  /**
   * Keeps a packet of the batch that is being decided; its decision is then to be {@link
   * Action#DROP}.
   *
   * @param address of the first byte of the IP header
   * @param length its bytes; all of the packet must be there
   * @return a number for {@link #release} or {@link #discard}, one of which must be called; or
   *     {@link #NONE} when there is no room: discard the oldest and try again
   */
  int hold(long address, int length);

  /**
   * Sends a packet on its way again and forgets it.
   *
   * @return false when it could not be sent; it is lost
   */
  boolean release(int handle);

  /** Forgets a packet. */
  void discard(int handle);

  /** Whether the packet at an index of the batch that is being decided was released before. */
  boolean isReturned(int index);

  /**
   * Whether the packet at an index of the batch that is being decided came from another balancer,
   * and not from outside.
   */
  default boolean isFromBalancer(int index) {
    return false;
  }
}
