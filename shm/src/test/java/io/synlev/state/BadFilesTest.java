package io.synlev.state;

import static io.synlev.state.StateFixture.assertDbIsWhole;
import static io.synlev.state.StateFixture.assertRefused;
import static io.synlev.state.StateFixture.backends;
import static io.synlev.state.StateFixture.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not as we left them: an error that says what to do, and nothing else is lost. */
class BadFilesTest {
  @TempDir Path temporary;
  private StateDirectory directory;
  private Path registry;
  private Path web;

  @BeforeEach
  void create() {
    directory = StateFixture.create(temporary.resolve("state"));
    registry = directory.registry();
    web = directory.pool("web");
  }

  private void open() {
    Instance.open(directory).close();
  }

  private void openWeb() {
    try (Instance instance = Instance.open(directory)) {
      instance.snapshot("web");
    }
  }

  /** What the messages advise: the pool is deleted and made again, and the other one stays. */
  private void assertCanBeMadeAgain() {
    try (Instance instance = Instance.open(directory)) {
      instance.deletePool("web");
      instance.createPool(pool("web"), backends(1, 2));
      assertEquals(backends(1, 2), instance.snapshot("web").backends());
    }
    assertDbIsWhole(directory);
  }

  @Test
  void shouldRefuseAWrongMagic() {
    RegionBytes.putLong(web, PoolLayout.MAGIC_OFFSET, 0xbadL);
    assertRefused(this::openWeb, "pool 'web'", "magic 0xbad", "delete it and create it again");
    assertCanBeMadeAgain();
    RegionBytes.putLong(registry, RegistryLayout.MAGIC_OFFSET, 0xbadL);
    assertRefused(this::open, "registry", "magic 0xbad", "delete the instance");
    Instance.delete(directory);
    StateFixture.create(directory.base());
  }

  @Test
  void shouldRefuseAnotherLayoutVersion() {
    RegionBytes.putInt(web, PoolLayout.VERSION_OFFSET, 99);
    assertRefused(this::openWeb, "pool 'web'", "layout 99", "knows layout 2", "or delete the pool");
    assertCanBeMadeAgain();
    RegionBytes.putInt(registry, RegistryLayout.VERSION_OFFSET, 99);
    assertRefused(this::open, "layout 99", "knows layout 2", "use the version that made it");
  }

  @Test
  void shouldRefuseSettingsThatCannotBe() {
    RegionBytes.putInt(web, PoolLayout.POLICY_OFFSET, 7);
    assertRefused(this::openWeb, "pool 'web' has policy number 7", "create it again");
    RegionBytes.putInt(web, PoolLayout.POLICY_OFFSET, 0);
    RegionBytes.putInt(web, PoolLayout.HASH_ON_OFFSET, -1);
    assertRefused(this::openWeb, "pool 'web' has hash number -1", "create it again");
    RegionBytes.putInt(web, PoolLayout.HASH_ON_OFFSET, 0);
    RegionBytes.putInt(web, PoolLayout.FORWARDING_OFFSET, 3);
    assertRefused(this::openWeb, "pool 'web' has forwarding number 3", "create it again");
    RegionBytes.putInt(web, PoolLayout.FORWARDING_OFFSET, 0);
    RegionBytes.putInt(web, PoolLayout.SLOTS_OFFSET, 4_999_999);
    assertRefused(this::openWeb, "pool 'web' needs 2", "and has", "create it again");
    RegionBytes.putInt(web, PoolLayout.SLOTS_OFFSET, 1000);
    assertRefused(this::openWeb, "pool 'web'", "1000 slots", "prime");
    assertCanBeMadeAgain();
  }

  @Test
  void shouldRefuseRecordsThatCannotBe() {
    PoolLayout layout = PoolLayout.of(pool("web"));
    long record = layout.generationSlotOffset(0) + layout.recordOffset(0);
    for (int offset : new int[] {0, PoolLayout.WEIGHT_OFFSET, PoolLayout.STATE_OFFSET}) {
      RegionBytes.putInt(web, record + offset, 0x7f7f7f7f);
      assertRefused(this::openWeb, "pool 'web' has an impossible record", "create it again");
    }
    assertCanBeMadeAgain();
  }

  @Test
  void shouldRefuseAConfigurationThatCannotBe() {
    long slot = RegistryLayout.configurationOffset(2);
    RegionBytes.putInt(registry, slot, -1);
    assertRefused(this::openWeb, "registry", "-1 bytes", "delete the instance");
    RegionBytes.putInt(registry, slot, 50);
    RegionBytes.putLong(registry, slot + 4, -1);
    assertRefused(this::openWeb, "configuration cannot be read", "delete the instance");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwxr-x--x", "rwxr-xrwx"})
  void shouldRefuseADirectoryThatOthersCanUse(String mode) throws IOException {
    for (Path path : new Path[] {directory.base(), directory.path()}) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      assertRefused(this::open, path, "has mode 07", "chmod 0750 " + path);
      assertRefused(() -> Instance.delete(directory), "chmod 0750 " + path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
    }
    assertDbIsWhole(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw----", "rw----r--", "rwx------"})
  void shouldRefuseAFileThatOthersCanUse(String mode) throws IOException {
    for (Path path : new Path[] {registry, directory.lock(), web}) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      assertRefused(this::openWeb, path, "has mode 0", "chmod 0600 " + path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
    assertDbIsWhole(directory);
  }

  @Test
  void shouldNotFollowSymbolicLinks() throws IOException {
    for (Path path :
        new Path[] {web, registry, directory.lock(), directory.path(), directory.base()}) {
      Path elsewhere = temporary.resolve("elsewhere");
      Files.move(path, elsewhere);
      Files.createSymbolicLink(path, elsewhere);
      assertRefused(this::openWeb, path + " is a symbolic link", "remove it");
      if (Files.isDirectory(path)) {
        assertRefused(() -> Instance.delete(directory), "symbolic link");
        assertRefused(() -> Instance.create(directory, StateFixture.SETTINGS), "symbolic link");
      }
      Files.delete(path);
      Files.move(elsewhere, path);
    }
    openWeb();
  }

  @Test
  void shouldNotTakeAFileForADirectory() throws IOException {
    StateDirectory other = new StateDirectory(directory.base(), "file");
    Files.createFile(other.path());
    assertRefused(() -> Instance.create(other, StateFixture.SETTINGS), "not a directory of ours");
    assertRefused(() -> Instance.open(other), other.path(), "remove it");
  }

  @Test
  void shouldRefuseAFileThatWasCutOrLengthened() throws IOException {
    long length = Files.size(web);
    for (long wrong : new long[] {0, 1, 39, 40, 4096, length - 4096, length - 1, length + 1}) {
      byte[] content = Files.readAllBytes(web);
      RegionBytes.setLength(web, wrong);
      assertRefused(this::openWeb, web, wrong + " bytes", "truncated or overwritten");
      RegionBytes.setLength(web, length);
      RegionBytes.write(web, 0, content);
    }
    openWeb();
    RegionBytes.setLength(web, 4096);
    assertCanBeMadeAgain();
    RegionBytes.setLength(registry, 100);
    assertRefused(this::open, registry, "100 bytes", "magctl delete");
    Instance.delete(directory);
    StateFixture.create(directory.base());
  }

  @Test
  void shouldSayWhichFileIsMissing() throws IOException {
    Files.delete(web);
    assertRefused(this::openWeb, web + " is missing", "create it again");
    assertCanBeMadeAgain();
    Files.delete(registry);
    assertRefused(
        this::open, "there is no instance 'test' in " + directory.base(), "magctl create");
  }

  @Test
  void shouldRefuseAFileThatReplacedAnother() throws IOException {
    Path copy = directory.path().resolve("copy");
    Files.copy(web, copy, StandardCopyOption.COPY_ATTRIBUTES);
    Files.move(copy, web, StandardCopyOption.ATOMIC_MOVE);
    assertRefused(this::openWeb, web + " was replaced by another file", "create it again");
    assertCanBeMadeAgain();
  }

  @Test
  void shouldNotWriteIntoARegistryThatWasReplaced() throws IOException {
    try (Instance attached = Instance.open(directory)) {
      Path copy = directory.path().resolve("copy");
      Files.copy(registry, copy, StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(copy, registry, StandardCopyOption.ATOMIC_MOVE);
      assertRefused(
          () -> attached.updatePool("web", all -> backends(1, 2)), "made again", "try again");
    }
    try (Instance young = Instance.open(directory)) {
      assertEquals(backends(1, 4), young.snapshot("web").backends());
    }
  }

  /** Whatever the noise says, Chronicle-Map never gets to believe it. */
  @Test
  void shouldRefuseADamagedHeaderAtOnce() throws IOException {
    byte[] whole = Files.readAllBytes(web);
    int front = (int) RegionBytes.offset(web);
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      RegionBytes.scramble(web, 0, 4096, random);
      assertRefused(this::openWeb, web, "checksum does not match", "create it again");
      RegionBytes.write(web, 0, whole);
      // One bit anywhere in front of the region.
      int at = random.nextInt(front);
      RegionBytes.write(web, at, new byte[] {(byte) (whole[at] ^ 1 << random.nextInt(8))});
      assertRefused(this::openWeb, web, "checksum does not match");
      RegionBytes.write(web, 0, whole);
      // One bit anywhere in the trailer.
      int end = whole.length - 1 - random.nextInt(40);
      RegionBytes.write(web, end, new byte[] {(byte) (whole[end] ^ 1 << random.nextInt(8))});
      assertRefused(this::openWeb, web, "truncated or overwritten");
      RegionBytes.write(web, 0, whole);
    }
    openWeb();
    RegionBytes.scramble(registry, 0, 4096, new Random(1));
    assertRefused(this::open, registry, "checksum does not match", "magctl delete");
    Instance.delete(directory);
    StateFixture.create(directory.base());
  }
}
