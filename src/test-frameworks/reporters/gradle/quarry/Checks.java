package quarry;

import java.util.regex.Pattern;
import org.gradle.api.Task;

/** Tasks that check, document, sign or publish: no test needs what they do, and many ask for git, the network or another JDK. */
final class Checks {
  private static final Pattern TYPES =
      Pattern.compile(
          "Checkstyle|Pmd|CodeNarc|JDepend|FindBugs(Task)?|SpotBugs(Task)?|Cpd|Javadoc|Groovydoc|ScalaDoc|Dokka\\w*|Sign|Upload"
              + "|Jacoco(Report|CoverageVerification|Merge)\\w*|Spotless\\w*|Licen[cs]e\\w*|AnimalSniffer\\w*|Detekt\\w*|Kt[Ll]int\\w*"
              + "|Publish\\w*|GenerateMavenPom|GenerateModuleMetadata|Sonar\\w*|Japicmp\\w*|CheckForbiddenApis|ForbiddenApis\\w*"
              + "|Asciidoctor\\w*|BintrayUpload\\w*|Rat\\w*|PitestTask|ValidatePlugins|ValidateTaskProperties");

  private Checks() {}

  /** Gradle makes a class of its own of each task's, by a name with an ending. */
  static boolean holds(Task task) {
    for (Class<?> type = task.getClass(); type != null && type != Object.class; type = type.getSuperclass())
      if (TYPES.matcher(type.getSimpleName().replaceFirst("_Decorated$", "")).matches()) return true;
    return false;
  }
}
