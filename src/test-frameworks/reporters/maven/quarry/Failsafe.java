package quarry;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.execution.MojoExecutionEvent;
import org.apache.maven.plugin.MojoExecution;

/** Failsafe fails no build where its tests run: it writes down how they went, and fails it in a later phase. */
final class Failsafe {
  static final String PLUGIN = "maven-failsafe-plugin";

  /** 254 stands for no tests that came to their end: none at all, or a fork that died or was stopped, which is told beside it. */
  private static final Pattern FAILED =
      Pattern.compile("<failsafe-summary\\b[^>]*\\b(?:result=\"(?!null|254\")\\d+|timeout=\"true)\"|<failureMessage\\b[^>]*>\\s*[^<\\s]");

  private Failsafe() {}

  /** Only fails the build for what was told where it ran. */
  static boolean isVerdict(MojoExecution execution) {
    return execution.getArtifactId().equals(PLUGIN) && execution.getGoal().equals("verify");
  }

  /** It adds to the summary that is there: an execution's own begins with none. */
  static void forget(Object mojo) throws IOException {
    Object file = Mojos.get(mojo, "summaryFile");
    if (file instanceof File) Files.deleteIfExists(((File) file).toPath());
  }

  /** Its summary of tests that it ran just now, where they did not go well; else null. */
  static String troubleOf(MojoExecutionEvent event) throws IOException {
    boolean isRun = event.getExecution().getArtifactId().equals(PLUGIN) && event.getExecution().getGoal().equals("integration-test");
    Object file = isRun ? Mojos.get(event.getMojo(), "summaryFile") : null;
    if (!(file instanceof File) || !((File) file).isFile()) return null;
    String summary = new String(Files.readAllBytes(((File) file).toPath()), StandardCharsets.UTF_8);
    Matcher failed = FAILED.matcher(summary);
    return failed.find() ? summary : null;
  }
}
