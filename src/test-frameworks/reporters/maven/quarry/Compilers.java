package quarry;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Language levels that the JDK at hand no longer knows are raised to the lowest that it does; neither warnings nor comments fail a build; where it is
 * asked for, javac runs the annotation processors of code of before, which names none.
 */
final class Compilers {
  /** The first that runs only processors that it is told of (JDK-8321314). */
  private static final int ASKED_FOR = 23;

  /** Among javac's words, in a list or as names of a map. */
  private static final Pattern PROCESSORS = Pattern.compile("(?:^|[\\s\\[{,])-?-?(?:proc:|processor)");

  private Compilers() {}

  static void prepare(Object mojo, boolean runsProcessors) {
    int lowest = lowestLevel(feature());
    for (String name : new String[] {"source", "target", "release", "testSource", "testTarget", "testRelease"}) {
      Object value = Mojos.get(mojo, name);
      Integer level = value instanceof String ? level((String) value) : null;
      if (level != null && level < lowest) Mojos.set(mojo, name, lowest < 9 && !name.toLowerCase().endsWith("release") ? "1." + lowest : String.valueOf(lowest));
    }
    if (runsProcessors && feature() >= ASKED_FOR && compilesFor(mojo) < ASKED_FOR && !saysWhichProcessors(mojo)) Mojos.set(mojo, "proc", "full");
    Mojos.set(mojo, "failOnWarning", false);
    Object given = Mojos.get(mojo, "compilerArgs");
    if (given instanceof Collection) {
      for (Iterator<?> each = ((Collection<?>) given).iterator(); each.hasNext(); ) if (isStrict(String.valueOf(each.next()))) each.remove();
    }
    for (String name : new String[] {"compilerArguments", "testCompilerArguments"}) {
      Object named = Mojos.get(mojo, name);
      if (!(named instanceof Map)) continue;
      for (Iterator<?> each = ((Map<?, ?>) named).keySet().iterator(); each.hasNext(); ) if (isStrict("-" + each.next())) each.remove();
    }
    for (String name : new String[] {"compilerArgument", "testCompilerArgument"}) {
      Object single = Mojos.get(mojo, name);
      if (single instanceof String) Mojos.set(mojo, name, lenient((String) single));
    }
  }

  /** The language level of what is compiled: of tests where they have one of their own; the lowest where nothing says. */
  private static int compilesFor(Object mojo) {
    for (String name : new String[] {"testRelease", "testTarget", "release", "target"}) {
      Object value = Mojos.get(mojo, name);
      Integer level = value instanceof String ? level((String) value) : null;
      if (level != null) return level;
    }
    return 1;
  }

  /** Other compilers than javac have ways of their own. */
  private static boolean saysWhichProcessors(Object mojo) {
    Object compiler = Mojos.get(mojo, "compilerId");
    if (compiler != null && !String.valueOf(compiler).startsWith("javac") || Mojos.get(mojo, "proc") != null) return true;
    for (String name : new String[] {"compilerArgs", "compilerArguments", "testCompilerArguments", "compilerArgument", "testCompilerArgument"})
      if (PROCESSORS.matcher(String.valueOf(Mojos.get(mojo, name))).find()) return true;
    return false;
  }

  private static String lenient(String arguments) {
    String kept = arguments.replaceAll("(?<!\\S)(?:-Werror|-Xdoclint\\S*)(?!\\S)", "").trim();
    return kept.isEmpty() ? null : kept;
  }

  /** What makes an error of what the compiler of the day let pass: each compiler checks comments by rules of its own. */
  private static boolean isStrict(String argument) {
    return argument.equals("-Werror") || argument.startsWith("-Xdoclint");
  }

  /** The lowest `--release` that a JDK compiles for (javac's own documentation of each version). */
  private static int lowestLevel(int feature) {
    if (feature >= 20) return 8;
    if (feature >= 12) return 7;
    return feature >= 9 ? 6 : 1;
  }

  private static int feature() {
    Integer level = level(System.getProperty("java.specification.version", "8"));
    return level == null ? 8 : level;
  }

  private static Integer level(String text) {
    try {
      return Integer.valueOf(text.trim().startsWith("1.") ? text.trim().substring(2) : text.trim());
    } catch (NumberFormatException unreadable) {
      return null;
    }
  }
}
