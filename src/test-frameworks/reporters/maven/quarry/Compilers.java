package quarry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Language levels that the JDK at hand no longer knows are raised to the lowest that it does; neither warnings nor comments fail a build. Where it is
 * asked for, javac runs the annotation processors of code of before, which names none, and compiles code for Java 8 and older against that Java's own interface.
 */
final class Compilers {
  /** The first that runs only processors that it is told of (JDK-8321314). */
  private static final int ASKED_FOR = 23;

  /** Among javac's words, in a list or as names of a map. */
  private static final Pattern PROCESSORS = Pattern.compile("(?:^|[\\s\\[{,])-?-?(?:proc:|processor)");

  private static final Pattern PLATFORM = Pattern.compile("(?i)boot-?class-?path");

  /** Parameters that hold words for javac, in one version of the plugin or another. */
  private static final String[] WORDS = {"compilerArgs", "compilerArguments", "testCompilerArguments", "compilerArgument", "testCompilerArgument"};

  private Compilers() {}

  /** `platform`: a jar with the classes of Java 8's own interface, or null. */
  static void prepare(Object mojo, boolean runsProcessors, String platform) {
    int lowest = Javac.lowestLevel();
    for (String name : new String[] {"source", "target", "release", "testSource", "testTarget", "testRelease"}) {
      Integer level = levelOf(mojo, name);
      if (level != null && level < lowest) Mojos.set(mojo, name, name.toLowerCase().endsWith("release") ? String.valueOf(lowest) : Javac.named(lowest));
    }
    if (runsProcessors && Javac.feature() >= ASKED_FOR && compilesFor(mojo) < ASKED_FOR && !saysWhichProcessors(mojo)) Mojos.set(mojo, "proc", "full");
    String eight = Javac.forEight(platform);
    if (eight != null && isForEight(mojo)) give(mojo, eight);
    Mojos.set(mojo, "failOnWarning", false);
    Object given = Mojos.get(mojo, "compilerArgs");
    if (given instanceof Collection) {
      for (Iterator<?> each = ((Collection<?>) given).iterator(); each.hasNext(); ) if (Javac.isStrict(String.valueOf(each.next()))) each.remove();
    }
    for (String name : new String[] {"compilerArguments", "testCompilerArguments"}) {
      Object named = Mojos.get(mojo, name);
      if (!(named instanceof Map)) continue;
      for (Iterator<?> each = ((Map<?, ?>) named).keySet().iterator(); each.hasNext(); ) if (Javac.isStrict("-" + each.next())) each.remove();
    }
    for (String name : new String[] {"compilerArgument", "testCompilerArgument"}) {
      Object single = Mojos.get(mojo, name);
      if (single instanceof String) Mojos.set(mojo, name, lenient((String) single));
    }
  }

  /** The lowest where nothing says. */
  private static int compilesFor(Object mojo) {
    Integer stated = statedLevel(mojo);
    return stated == null ? 1 : stated;
  }

  /** The language level of what is compiled, of tests where they have one of their own; null where nothing says. */
  private static Integer statedLevel(Object mojo) {
    for (String name : new String[] {"testRelease", "testTarget", "release", "target"}) {
      Integer level = levelOf(mojo, name);
      if (level != null) return level;
    }
    return null;
  }

  private static Integer levelOf(Object mojo, String parameter) {
    Object value = Mojos.get(mojo, parameter);
    return value instanceof String ? Javac.level((String) value) : null;
  }

  private static boolean saysWhichProcessors(Object mojo) {
    return !isJavac(mojo) || Mojos.get(mojo, "proc") != null || speaksOf(mojo, PROCESSORS);
  }

  /** `--release` has that Java's interface by itself, and forbids to say which. */
  private static boolean isForEight(Object mojo) {
    if (!isJavac(mojo) || Mojos.get(mojo, "release") != null || Mojos.get(mojo, "testRelease") != null) return false;
    for (String name : new String[] {"source", "testSource"}) {
      Integer level = levelOf(mojo, name);
      if (level != null && level > Javac.OWN_PLATFORM) return false;
    }
    Integer target = statedLevel(mojo);
    return target != null && target <= Javac.OWN_PLATFORM && !speaksOf(mojo, PLATFORM);
  }

  /** Other compilers have ways of their own. */
  private static boolean isJavac(Object mojo) {
    Object compiler = Mojos.get(mojo, "compilerId");
    return compiler == null || String.valueOf(compiler).startsWith("javac");
  }

  private static boolean speaksOf(Object mojo, Pattern words) {
    for (String name : WORDS) if (words.matcher(String.valueOf(Mojos.get(mojo, name))).find()) return true;
    return false;
  }

  /** A word more for javac: the list came with version 3.1 of the plugin, before it there was a map. */
  private static void give(Object mojo, String word) {
    List<Object> words = new ArrayList<>();
    Object given = Mojos.get(mojo, "compilerArgs");
    if (given instanceof Collection) words.addAll((Collection<?>) given);
    words.add(word);
    if (Mojos.set(mojo, "compilerArgs", words)) return;
    for (String name : new String[] {"compilerArguments", "testCompilerArguments"}) {
      Object named = Mojos.get(mojo, name);
      if (named == null && name.startsWith("test")) continue;
      Map<Object, Object> more = new LinkedHashMap<>();
      if (named instanceof Map) more.putAll((Map<?, ?>) named);
      more.put(word.substring(1), null);
      Mojos.set(mojo, name, more);
    }
  }

  private static String lenient(String arguments) {
    String kept = arguments.replaceAll("(?<!\\S)(?:-Werror|-Xdoclint\\S*)(?!\\S)", "").trim();
    return kept.isEmpty() ? null : kept;
  }
}
