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
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@link Configuration} as bytes: counts, then pools (name, inode, bytes), then services (see
 * {@link ServiceCodec}), then health checks (pool, number of fields, name and value of each as in a
 * configuration file, so that there is one reader of them), in the encoding of {@link
 * DataOutputStream}.
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
      out.writeInt(configuration.checks().size());
      for (Map.Entry<String, HealthCheck> check : configuration.checks().entrySet()) {
        out.writeUTF(check.getKey());
        Map<String, String> fields = check.getValue().fields();
        out.writeInt(fields.size());
        for (Map.Entry<String, String> field : fields.entrySet()) {
          out.writeUTF(field.getKey());
          out.writeUTF(field.getValue());
        }
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
      Map<String, HealthCheck> checks = new TreeMap<>();
      for (int left = readCount(in); left > 0; left--) {
        checks.put(in.readUTF(), readCheck(in));
      }
      if (in.available() > 0) {
        throw new StreamCorruptedException(in.available() + " bytes too many");
      }
      return new Configuration(generation, pools, services, checks);
    } catch (IOException e) {
      throw new StateException(
          "the registry's configuration cannot be read ("
              + e
              + "): it was overwritten; delete the instance and create it again",
          e);
    }
  }

  private static HealthCheck readCheck(DataInputStream in) throws IOException {
    HealthCheck.Builder check = HealthCheck.builder();
    for (int left = readCount(in); left > 0; left--) {
      check.set(in.readUTF(), in.readUTF());
    }
    return check.build();
  }

  private static int readCount(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new StreamCorruptedException("a count of " + count);
    }
    return count;
  }
}
