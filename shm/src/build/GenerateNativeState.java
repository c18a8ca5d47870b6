import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import net.openhft.chronicle.hash.VanillaGlobalMutableState;
import net.openhft.chronicle.values.ValueModel;

/**
 * Generates, at build time, the class that Chronicle-Map otherwise generates and compiles each time
 * a process opens a map (more than a second). Run by the shm module's build.
 *
 * <p>Argument: the directory of classes to put it into.
 */
final class GenerateNativeState {
  private GenerateNativeState() {}

  public static void main(String[] args) throws Exception {
    String simpleName = VanillaGlobalMutableState.class.getSimpleName() + "$$Native";
    String name = VanillaGlobalMutableState.class.getPackageName() + "." + simpleName;
    // The generator is package-private; it is what Values.nativeClassFor calls at run time.
    Method generate =
        Class.forName("net.openhft.chronicle.values.Generators")
            .getDeclaredMethod("generateNativeClass", ValueModel.class, String.class);
    generate.setAccessible(true);
    String source =
        (String) generate.invoke(null, ValueModel.acquire(VanillaGlobalMutableState.class), simpleName);

    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                null,
                List.of(
                    "-d", Path.of(args[0]).toString(),
                    "-cp", System.getProperty("java.class.path"),
                    "-proc:none", "-nowarn", "-Xlint:none",
                    "--add-exports", "java.base/jdk.internal.ref=ALL-UNNAMED"),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///" + name.replace('.', '/') + ".java"),
                        javax.tools.JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                      }
                    }))
            .call();
    if (!compiled) {
      throw new IllegalStateException("the generated class does not compile:\n" + source);
    }
  }
}
