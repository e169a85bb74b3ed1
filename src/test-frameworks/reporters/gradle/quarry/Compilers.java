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
  /** Words that say by themselves which platform classes the compiler takes. */
  private static final Pattern PLATFORM = Pattern.compile("(?i)^--release\\b|boot-?class-?path");

  private Compilers() {}

  /** `platform`: a jar with the classes of Java 8's own interface, or null. */
  static void prepare(JavaCompile task, String platform) {
    int lowest = Javac.lowestLevel();
    if (isBelow(task.getSourceCompatibility(), lowest)) task.setSourceCompatibility(Javac.named(lowest));
    if (isBelow(task.getTargetCompatibility(), lowest)) task.setTargetCompatibility(Javac.named(lowest));
    Object release = Dynamic.get(task.getOptions(), "release");
    Object wanted = Dynamic.call(release, "getOrNull");
    if (wanted instanceof Integer && (Integer) wanted < lowest) Dynamic.call(release, "set", lowest);
    List<String> kept = new ArrayList<>();
    for (Object each : (List<?>) task.getOptions().getCompilerArgs()) if (!Javac.isStrict(String.valueOf(each))) kept.add(String.valueOf(each));
    for (int at = 1; at < kept.size(); at += 1)
      if (kept.get(at - 1).equals("--release") && isBelow(kept.get(at), lowest)) kept.set(at, String.valueOf(lowest));
    String eight = Javac.forEight(platform);
    if (eight != null && isForEight(task, wanted, kept)) kept.add(eight);
    task.getOptions().setCompilerArgs(kept);
  }

  /** `--release` has that Java's interface by itself, and forbids to say which. */
  private static boolean isForEight(JavaCompile task, Object release, List<String> words) {
    if (release instanceof Integer || !isForEight(task.getSourceCompatibility()) || !isForEight(task.getTargetCompatibility())) return false;
    if (Dynamic.get(task.getOptions(), "bootstrapClasspath") != null) return false;
    List<Object> all = new ArrayList<>(words);
    // With those of argument providers, where this Gradle has such.
    Object provided = Dynamic.get(task.getOptions(), "allCompilerArgs");
    if (provided instanceof List) all.addAll((List<?>) provided);
    for (Object word : all) if (PLATFORM.matcher(String.valueOf(word)).find()) return false;
    return true;
  }

  /** The kit is the one that was chosen, whatever a build says of others that it would have found or fetched. */
  static void useThisKit(Project project) {
    Object wanted = Dynamic.get(Dynamic.get(project.getExtensions().findByName("java"), "toolchain"), "languageVersion");
    if (!Boolean.TRUE.equals(Dynamic.call(wanted, "isPresent"))) return;
    try {
      Class<?> type = Class.forName("org.gradle.jvm.toolchain.JavaLanguageVersion", true, Project.class.getClassLoader());
      Dynamic.call(wanted, "set", type.getMethod("of", int.class).invoke(null, Javac.feature()));
    } catch (ReflectiveOperationException older) {
      return;
    }
  }

  private static boolean isForEight(String level) {
    Integer said = Javac.level(level);
    return said != null && said <= Javac.OWN_PLATFORM;
  }

  private static boolean isBelow(String level, int lowest) {
    Integer said = Javac.level(level);
    return said != null && said < lowest;
  }
}
