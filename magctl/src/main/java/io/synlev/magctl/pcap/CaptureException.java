package io.synlev.magctl.pcap;

import java.io.IOException;

/** A file is no capture, or is damaged; the message says where. */
public final class CaptureException extends IOException {
  private static final long serialVersionUID = 1L;

  CaptureException(String message) {
    super(message);
  }
}
