package io.synlev.state;

import io.synlev.state.Configuration.PoolFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Configuration} as bytes: counts, then pools (name, inode, bytes), then services (see
 * {@link ServiceCodec}), in the encoding of {@link DataOutputStream}.
 */
final class ConfigurationCodec {
  private ConfigurationCodec() {}

  static byte[] encode(Configuration configuration) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(configuration.pools().size());
      for (PoolFile pool : configuration.pools()) {
        out.writeUTF(pool.name());
        out.writeLong(pool.inode());
        out.writeLong(pool.bytes());
      }
      out.writeInt(configuration.services().size());
      for (Service service : configuration.services()) {
        ServiceCodec.encode(service, out);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws StateException if it is anything else
   */
  static Configuration decode(long generation, byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      List<PoolFile> pools = new ArrayList<>();
      for (int left = readCount(in); left > 0; left--) {
        pools.add(new PoolFile(in.readUTF(), in.readLong(), in.readLong()));
      }
      List<Service> services = new ArrayList<>();
      for (int left = readCount(in); left > 0; left--) {
        services.add(ServiceCodec.decode(in));
      }
      if (in.available() > 0) {
        throw new StreamCorruptedException(in.available() + " bytes too many");
      }
      return new Configuration(generation, pools, services);
    } catch (IOException e) {
      throw new StateException(
          "the registry's configuration cannot be read ("
              + e
              + "): it was overwritten; delete the instance and create it again",
          e);
    }
  }

  private static int readCount(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new StreamCorruptedException("a count of " + count);
    }
    return count;
  }
}
