package quarry;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.inject.Inject;
import javax.inject.Named;
import javax.inject.Singleton;
import org.apache.maven.execution.MojoExecutionEvent;
import org.apache.maven.execution.MojoExecutionListener;
import org.apache.maven.execution.ProjectExecutionEvent;
import org.apache.maven.execution.ProjectExecutionListener;
import org.apache.maven.lifecycle.LifecycleExecutionException;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;

/** Has Surefire and Failsafe write their reports to a place of this run's own, and tells what stands in them as soon as a module is through, or as the run's time is nearly over. */
@Named
@Singleton
final class TestRuns implements MojoExecutionListener, ProjectExecutionListener {
  private static final Pattern CRASHED = Pattern.compile("Crashed tests:\\s*((?:^\\s*[\\w.$]+\\s*$\\s*)+)", Pattern.MULTILINE);

  private final Session session;
  /** Modules whose tests are under way. */
  private final Map<MavenProject, Reports> underWay = new ConcurrentHashMap<>();

  /** Where a module's reports come to be, and what is told of them. */
  private static final class Reports {
    final File folder;
    final Results results;

    Reports(File folder, Results results) {
      this.folder = folder;
      this.results = results;
    }
  }

  @Inject
  TestRuns(Session session) {
    this.session = session;
    session.beforeTimeIsOver(this::tellFinished);
  }

  @Override
  public void beforeMojoExecution(MojoExecutionEvent event) throws MojoExecutionException {
    MojoExecution execution = event.getExecution();
    if (execution.getArtifactId().equals("maven-compiler-plugin")) Compilers.prepare(event.getMojo(), session.runsProcessors(), session.platform());
    if (Failsafe.isVerdict(execution)) Mojos.set(event.getMojo(), "testFailureIgnore", true);
    if (!runsTests(execution)) return;
    try {
      if (session.runsTestsOf(execution.getArtifactId())) prepare(event.getMojo(), event.getProject());
      else skip(event.getMojo());
    } catch (IOException error) {
      throw new MojoExecutionException("the tests could not be prepared", error);
    }
  }

  @Override
  public void afterMojoExecutionSuccess(MojoExecutionEvent event) throws MojoExecutionException {
    try {
      tell(event.getProject(), Failsafe.troubleOf(event));
    } catch (IOException error) {
      throw new MojoExecutionException("the results could not be reported", error);
    }
  }

  /** Comes for some failures only, and the project's failure comes for all. */
  @Override
  public void afterExecutionFailure(MojoExecutionEvent event) {}

  @Override
  public void afterProjectExecutionFailure(ProjectExecutionEvent event) {
    try {
      tell(event.getProject(), wordsOf(event.getCause()));
    } catch (IOException error) {
      session.giveUp();
    }
  }

  @Override
  public void beforeProjectExecution(ProjectExecutionEvent event) throws LifecycleExecutionException {}

  @Override
  public void beforeProjectLifecycleExecution(ProjectExecutionEvent event) throws LifecycleExecutionException {}

  @Override
  public void afterProjectExecutionSuccess(ProjectExecutionEvent event) throws LifecycleExecutionException {}

  private static boolean runsTests(MojoExecution execution) {
    String goal = execution.getGoal();
    return execution.getArtifactId().equals("maven-surefire-plugin") && goal.equals("test")
        || execution.getArtifactId().equals("maven-failsafe-plugin") && goal.equals("integration-test");
  }

  private void prepare(Object mojo, MavenProject project) throws IOException {
    if (session.resolvesOnly()) {
      // One class is enough to bring what runs the tests; what it does is not asked for. Surefire's time limit is one of each class.
      String one = Sources.of(project).anyTestClass();
      if (one != null) Mojos.set(mojo, "test", one);
      Mojos.set(mojo, "failIfNoSpecifiedTests", false);
      Mojos.set(mojo, "failIfNoTests", false);
      Mojos.set(mojo, "testFailureIgnore", true);
      Mojos.set(mojo, "argLine", ("-Xmx1g " + session.forkOptions + opened(Mojos.get(mojo, "argLine"))).trim());
      Mojos.set(mojo, "shutdown", "kill");
      Mojos.set(mojo, "forkedProcessTimeoutInSeconds", 5);
      talkOverSocket(mojo);
      return;
    }
    if (session.report == null) return;
    Failsafe.forget(mojo);
    File folder = Files.createTempDirectory(session.folder, "suites-").toFile();
    underWay.put(project, new Reports(folder, new Results(session.report, Sources.of(project))));
    Mojos.set(mojo, "reportsDirectory", folder);
    Mojos.set(mojo, "disableXmlReport", false);
    Mojos.set(mojo, "rerunFailingTestsCount", 0);
    Mojos.set(mojo, "skipAfterFailureCount", 0);
    Mojos.set(mojo, "testFailureIgnore", false);
    if ("filesystem".equals(Mojos.get(mojo, "runOrder"))) Mojos.set(mojo, "runOrder", "alphabetical");
    Mojos.set(mojo, "failIfNoTests", false);
    // Never in Maven's own process, where the results are told.
    if ("0".equals(Mojos.get(mojo, "forkCount"))) Mojos.set(mojo, "forkCount", "1");
    if ("never".equals(Mojos.get(mojo, "forkMode"))) Mojos.set(mojo, "forkMode", "once");
    prepareFork(mojo);
    talkOverSocket(mojo);
    narrow(mojo, project);
  }

  /** Of a fork's options those without which its classes can't be loaded; others may have Java print where Surefire listens. */
  private static String opened(Object argLine) {
    StringBuilder kept = new StringBuilder();
    String[] words = argLine instanceof String ? ((String) argLine).trim().split("\\s+") : new String[0];
    for (int at = 0; at < words.length; at += 1) {
      boolean opens = words[at].matches("--(?:add-(?:exports|opens|reads|modules)|enable-native-access)(?:=.*)?");
      if (!opens && !words[at].equals("--enable-preview")) continue;
      kept.append(' ').append(words[at]);
      if (opens && !words[at].contains("=") && at + 1 < words.length) kept.append(' ').append(words[at += 1]);
    }
    return kept.toString();
  }

  /** Of its own accord a fork takes a quarter of the whole machine's memory; and what was open to all in old Javas is asked for by name. */
  private void prepareFork(Object mojo) {
    Object given = Mojos.get(mojo, "argLine");
    String own = given instanceof String ? (String) given : "";
    String heap = own.contains("-Xmx") ? "" : "-Xmx1536m ";
    Mojos.set(mojo, "argLine", (heap + session.forkOptions + " " + own).trim());
  }

  /** What tests print is then no part of the talk between Surefire and its fork. Versions before 3 know only pipes. */
  private static void talkOverSocket(Object mojo) {
    if (Mojos.get(mojo, "forkNode") != null) return;
    try {
      String name = "org.apache.maven.plugin.surefire.extensions.SurefireForkNodeFactory";
      Class<?> type = Class.forName(name, true, mojo.getClass().getClassLoader());
      Mojos.set(mojo, "forkNode", type.getDeclaredConstructor().newInstance());
    } catch (ReflectiveOperationException | LinkageError older) {
      return;
    }
  }

  private void narrow(Object mojo, MavenProject project) throws IOException {
    if (!session.testsIn(project)) {
      skip(mojo);
      return;
    }
    if (session.files == null) return;
    List<String> classes = Sources.of(project).classesOf(session.files);
    if (classes.isEmpty()) {
      skip(mojo);
      return;
    }
    List<String> wanted = new ArrayList<>();
    for (String name : classes) wanted.addAll(Arrays.asList(name, name + "$*"));
    Mojos.set(mojo, "test", String.join(",", wanted));
    Mojos.set(mojo, "failIfNoSpecifiedTests", false);
  }

  private static void skip(Object mojo) {
    Mojos.set(mojo, "skipTests", true);
    Mojos.set(mojo, "skip", true);
  }

  /** `trouble`: what the plugin says of a run that did not go well; null where it did. */
  private void tell(MavenProject project, String trouble) throws IOException {
    Reports reports = underWay.remove(project);
    if (reports == null) return;
    synchronized (reports) {
      if (!reports.results.read(reports.folder)) session.giveUp();
      if (trouble != null) tellTrouble(reports.results, trouble);
      remove(reports.folder);
    }
  }

  /** A test that hangs takes the rest of its module along, but not the classes that were through before it. */
  private void tellFinished() {
    for (Map.Entry<MavenProject, Reports> each : underWay.entrySet()) {
      Reports reports = each.getValue();
      synchronized (reports) {
        if (!underWay.containsKey(each.getKey())) continue;
        try {
          reports.results.readFinished(reports.folder);
        } catch (IOException | RuntimeException | Error error) {
          // Part of it may be told by now.
          session.giveUp();
        }
      }
    }
  }

  private static String wordsOf(Throwable failure) {
    StringBuilder words = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) words.append(cause.getMessage()).append('\n');
    return words.toString();
  }

  /** A failed run whose reports tell of no failure: a fork died, or the reports are not Surefire's own. */
  private void tellTrouble(Results results, String trouble) throws IOException {
    Set<String> crashed = new LinkedHashSet<>();
    for (Matcher found = CRASHED.matcher(trouble); found.find(); )
      crashed.addAll(Arrays.asList(found.group(1).trim().split("\\s+")));
    for (String name : crashed) results.broken(name, "the process that ran it died");
    if (crashed.isEmpty() && !results.anyFailed) session.giveUp();
  }

  private static void remove(File folder) throws IOException {
    File[] files = folder.listFiles();
    if (files != null) for (File file : files) remove(file);
    Files.deleteIfExists(folder.toPath());
  }
}
