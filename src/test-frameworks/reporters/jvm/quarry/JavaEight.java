package quarry;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Java 8's own interface, for code that overrides or calls what later Javas lost: each kit from 9 on keeps it for `--release 8` (JEP 247), as classes
 * without code. `--release` itself would hide what is nobody's interface (`sun.misc`), so the compiler is given these classes before its own.
 */
final class JavaEight {
  /** `87/java.base/java/lang/Object.sig`: for which releases, a letter or digit each; from 12 on its module; the class. */
  private static final Pattern KEPT = Pattern.compile("([0-9A-Z]+)/(?:[a-z]+(?:\\.[a-z]+)+/)?(javax?/.*)\\.sig");

  /** What is Java's no more, and what artifacts bring (JEP 320). Of the rest little is gone since, and what calls that fails as it runs, not the whole module. */
  private static final Pattern LOST =
      Pattern.compile("javax/(?:activation|activity|jws|rmi/CORBA|transaction|xml/(?:bind|soap|ws))/.*|javax/annotation/(?!processing/).*");

  /** Transactions of databases stayed, though the package above them went. */
  private static final String STAYED = "javax/transaction/xa/";

  private JavaEight() {}

  /** A kit's `ct.sym`, and the jar to write. */
  public static void main(String[] paths) throws IOException {
    Set<String> written = new HashSet<>();
    try (ZipFile kept = new ZipFile(paths[0]);
        OutputStream file = new FileOutputStream(paths[1]);
        ZipOutputStream jar = new ZipOutputStream(file)) {
      for (ZipEntry each : Collections.list(kept.entries())) {
        Matcher found = KEPT.matcher(each.getName());
        if (!found.matches() || !found.group(1).contains("8") || isLost(found.group(2)) || !written.add(found.group(2))) continue;
        ZipEntry made = new ZipEntry(found.group(2) + ".class");
        made.setTime(0);
        jar.putNextEntry(made);
        copy(kept.getInputStream(each), jar);
        jar.closeEntry();
      }
    }
  }

  /** What the compiler is told, or null where there is no such jar. */
  static String argument(String jar) {
    return jar == null || !new File(jar).isFile() ? null : "-Xbootclasspath/p:" + jar;
  }

  private static boolean isLost(String type) {
    return LOST.matcher(type).matches() && !type.startsWith(STAYED);
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    try (InputStream input = from) {
      byte[] some = new byte[8192];
      for (int read = input.read(some); read >= 0; read = input.read(some)) to.write(some, 0, read);
    }
  }
}
