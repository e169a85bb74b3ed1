package quarry;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Which source file a module's test class was compiled from. */
final class SourceFiles {
  private static final String[] ENDINGS = {".java", ".kt", ".groovy", ".scala"};

  private final Collection<Path> classes;
  private final Set<Path> roots = new LinkedHashSet<>();

  /** `classes` are the folders that test classes are compiled to, `known` those that their sources are in; the module's folder is `base`. */
  SourceFiles(Collection<Path> classes, Collection<Path> known, Path base) {
    this.classes = classes;
    roots.addAll(known);
    for (String language : new String[] {"java", "kotlin", "groovy", "scala"}) roots.add(base.resolve("src/test/" + language));
  }

  /** Null where the class comes from elsewhere (a dependency, generated code). */
  Path of(String className) {
    String outer = outermost(className).replace('.', '/');
    for (Path root : roots)
      for (String ending : ENDINGS) {
        Path file = root.resolve(outer + ending);
        if (Files.isRegularFile(file)) return file;
      }
    for (Path folder : classes) {
      String name = sourceName(folder.resolve(outer + ".class"));
      if (name != null) return named(outer.contains("/") ? outer.substring(0, outer.lastIndexOf('/')) : "", name);
    }
    return null;
  }

  /** Names of the test classes that were compiled from these files, inner ones left out. */
  List<String> classesOf(Collection<Path> files) throws IOException {
    List<String> names = new ArrayList<>();
    for (String path : compiled()) {
      if (path.indexOf('$') >= 0) continue;
      String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
      Path source = of(name);
      if (source != null && files.contains(source.normalize())) names.add(name);
    }
    return names;
  }

  /** The first class that is called a test, by its name; null where none is. */
  String anyTestClass() throws IOException {
    return compiled().stream()
        .filter(path -> path.matches("(?:.*/)?(?:Test[^/$]*|[^/$]*(?:Tests?|TestCase))\\.class"))
        .sorted()
        .findFirst()
        .map(path -> path.substring(0, path.length() - ".class".length()).replace('/', '.'))
        .orElse(null);
  }

  /** The class files, relative to their folder. */
  private List<String> compiled() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path folder : classes) {
      if (!Files.isDirectory(folder)) continue;
      try (Stream<Path> walked = Files.walk(folder)) {
        walked.map(path -> folder.relativize(path).toString()).filter(path -> path.endsWith(".class")).forEach(found::add);
      }
    }
    return found;
  }

  static String outermost(String className) {
    int inner = className.indexOf('$');
    return inner <= 0 ? className : className.substring(0, inner);
  }

  /** Kotlin's files need not lie in folders of their package. */
  private Path named(String folder, String name) {
    for (Path root : roots) {
      Path file = root.resolve(folder).resolve(name);
      if (Files.isRegularFile(file)) return file;
    }
    for (Path root : roots) {
      if (!Files.isDirectory(root)) continue;
      try (Stream<Path> walked = Files.walk(root)) {
        Path found = walked.filter(path -> path.getFileName().toString().equals(name)).sorted().findFirst().orElse(null);
        if (found != null) return found;
      } catch (IOException error) {
        return null;
      }
    }
    return null;
  }

  /** The class file's SourceFile attribute (JVM specification, 4.7.10); null where there is none. */
  private static String sourceName(Path file) {
    if (!Files.isRegularFile(file)) return null;
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      in.skipBytes(8);
      String[] texts = constants(in);
      in.skipBytes(6);
      in.skipBytes(2 * in.readUnsignedShort());
      skipMembers(in);
      skipMembers(in);
      for (int left = in.readUnsignedShort(); left > 0; left -= 1) {
        String name = texts[in.readUnsignedShort()];
        int length = in.readInt();
        if ("SourceFile".equals(name)) return texts[in.readUnsignedShort()];
        in.skipBytes(length);
      }
      return null;
    } catch (IOException | RuntimeException damaged) {
      return null;
    }
  }

  private static String[] constants(DataInputStream in) throws IOException {
    String[] texts = new String[in.readUnsignedShort()];
    for (int at = 1; at < texts.length; at += 1) {
      int tag = in.readUnsignedByte();
      if (tag == 1) texts[at] = in.readUTF();
      else if (tag == 7 || tag == 8 || tag == 16 || tag == 19 || tag == 20) in.skipBytes(2);
      else if (tag == 15) in.skipBytes(3);
      else in.skipBytes(tag == 5 || tag == 6 ? 8 : 4);
      // Longs and doubles take two places.
      if (tag == 5 || tag == 6) at += 1;
    }
    return texts;
  }

  private static void skipMembers(DataInputStream in) throws IOException {
    for (int left = in.readUnsignedShort(); left > 0; left -= 1) {
      in.skipBytes(6);
      for (int attributes = in.readUnsignedShort(); attributes > 0; attributes -= 1) {
        in.skipBytes(2);
        in.skipBytes(in.readInt());
      }
    }
  }
}
