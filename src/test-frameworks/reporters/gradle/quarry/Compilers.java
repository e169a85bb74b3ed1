package quarry;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.gradle.api.Project;
import org.gradle.api.tasks.compile.JavaCompile;

/**
 * Language levels that the JDK at hand no longer knows are raised to the lowest that it does; neither warnings nor comments fail a build. Where it is asked
 * for, code for Java 8 and older is compiled against that Java's own interface.
 */
final class Compilers {
  /** The last that javac compiles for with other platform classes than its own. */
  private static final int OWN_PLATFORM = 8;

  /** Words that say by themselves which platform classes the compiler takes. */
  private static final Pattern PLATFORM = Pattern.compile("(?i)^--release\\b|boot-?class-?path");

  private Compilers() {}

  /** `platform`: a jar with the classes of Java 8's own interface, or null. */
  static void prepare(JavaCompile task, String platform) {
    int lowest = lowestLevel(feature());
    if (level(task.getSourceCompatibility()) < lowest) task.setSourceCompatibility(named(lowest));
    if (level(task.getTargetCompatibility()) < lowest) task.setTargetCompatibility(named(lowest));
    Object release = Dynamic.get(task.getOptions(), "release");
    Object wanted = Dynamic.call(release, "getOrNull");
    if (wanted instanceof Integer && (Integer) wanted < lowest) Dynamic.call(release, "set", lowest);
    List<String> kept = new ArrayList<>();
    for (Object each : (List<?>) task.getOptions().getCompilerArgs()) if (!isStrict(String.valueOf(each))) kept.add(String.valueOf(each));
    for (int at = 1; at < kept.size(); at += 1)
      if (kept.get(at - 1).equals("--release") && level(kept.get(at)) < lowest) kept.set(at, String.valueOf(lowest));
    String eight = JavaEight.argument(platform);
    if (eight != null && feature() > OWN_PLATFORM && isForEight(task, wanted, kept)) kept.add(eight);
    task.getOptions().setCompilerArgs(kept);
  }

  /** `--release` has that Java's interface by itself, and forbids to say which. */
  private static boolean isForEight(JavaCompile task, Object release, List<String> words) {
    if (release instanceof Integer || level(task.getSourceCompatibility()) > OWN_PLATFORM || level(task.getTargetCompatibility()) > OWN_PLATFORM) return false;
    if (Dynamic.get(task.getOptions(), "bootstrapClasspath") != null) return false;
    List<Object> all = new ArrayList<>(words);
    // With those of argument providers, where this Gradle has such.
    Object provided = Dynamic.get(task.getOptions(), "allCompilerArgs");
    if (provided instanceof List) all.addAll((List<?>) provided);
    for (Object word : all) if (PLATFORM.matcher(String.valueOf(word)).find()) return false;
    return true;
  }

  /** What makes an error of what the compiler of the day let pass: each compiler checks comments by rules of its own. */
  private static boolean isStrict(String argument) {
    return argument.equals("-Werror") || argument.startsWith("-Xdoclint");
  }

  /** The kit is the one that was chosen, whatever a build says of others that it would have found or fetched. */
  static void useThisKit(Project project) {
    Object wanted = Dynamic.get(Dynamic.get(project.getExtensions().findByName("java"), "toolchain"), "languageVersion");
    if (!Boolean.TRUE.equals(Dynamic.call(wanted, "isPresent"))) return;
    try {
      Class<?> type = Class.forName("org.gradle.jvm.toolchain.JavaLanguageVersion", true, Project.class.getClassLoader());
      Dynamic.call(wanted, "set", type.getMethod("of", int.class).invoke(null, feature()));
    } catch (ReflectiveOperationException older) {
      return;
    }
  }

  /** The lowest level that a JDK compiles for (javac's own documentation of each version). */
  private static int lowestLevel(int feature) {
    if (feature >= 20) return 8;
    if (feature >= 12) return 7;
    return feature >= 9 ? 6 : 1;
  }

  private static int feature() {
    String version = System.getProperty("java.specification.version", "8");
    return level(version);
  }

  private static String named(int level) {
    return level < 9 ? "1." + level : String.valueOf(level);
  }

  /** `1.8`, `11`; what says nothing is as high as can be. */
  private static int level(String text) {
    try {
      return text == null ? Integer.MAX_VALUE : Integer.parseInt(text.trim().replaceFirst("^1\\.", ""));
    } catch (NumberFormatException unreadable) {
      return Integer.MAX_VALUE;
    }
  }
}
