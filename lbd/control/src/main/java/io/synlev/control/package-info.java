/**
 * Talking to a running daemon: JSON-RPC 2.0 over a socket in the instance's directory, one JSON
 * text a line.
 *
 * <p>Knows sockets and JSON, but no method of the daemon: those are registered by name. The server
 * side is jnr-unixsocket, which alone tells the caller's process; the client side is the JDK's own
 * channel, which a command-line tool starts ten times faster (docs/lbd.md).
 */
package io.synlev.control;
