package io.synlev.state;

import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.util.ReadResolvable;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.hash.serialization.SizedWriter;
import net.openhft.chronicle.hash.serialization.StatefulCopyable;
import net.openhft.chronicle.wire.WireIn;
import net.openhft.chronicle.wire.WireOut;

/**
 * Lets Chronicle-Map hold a value that is a place in memory: "reading" the value tells its address,
 * "writing" it leaves the zeros of a new file.
 *
 * <p>The file's header names this class; it has no state of its own.
 */
final class RegionMarshaller
    implements SizedReader<RegionMarshaller.Place>,
        SizedWriter<RegionMarshaller.Place>,
        ReadResolvable<RegionMarshaller>,
        StatefulCopyable<RegionMarshaller> {

  /** Where a value is. */
  static final class Place {
    private final long bytes;
    private long address;

    Place(long bytes) {
      this.bytes = bytes;
    }

    long address() {
      return address;
    }
  }

  @Override
  public Place read(Bytes<?> in, long size, Place using) {
    Place place = using == null ? new Place(size) : using;
    place.address = in.addressForRead(in.readPosition());
    return place;
  }

  @Override
  public long size(Place place) {
    return place.bytes;
  }

  @Override
  public void write(Bytes<?> out, long size, Place place) {
    out.writeSkip(size);
  }

  @Override
  public void readMarshallable(WireIn wire) {}

  @Override
  public void writeMarshallable(WireOut wire) {}

  @Override
  public RegionMarshaller readResolve() {
    return this;
  }

  @Override
  public RegionMarshaller copy() {
    return this;
  }
}
