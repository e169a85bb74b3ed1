package quarry;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import javax.inject.Inject;
import javax.inject.Named;
import javax.inject.Singleton;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.MavenExecutionException;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MavenPluginManager;
import org.apache.maven.project.MavenProject;

/**
 * One run of Maven. With `quarry.resolve` it only brings what a run of the tests will need; with a secret in the report's folder it tells
 * the tests' results; `quarry.modules` and `quarry.files` (commas between) narrow which tests run, `quarry.plugin` says whose, `quarry.fork`
 * holds options of the Java that runs them; with `quarry.lean` plugins that no repository has are left out; those that `quarry.removed` names stand in for what
 * Java lost; with `quarry.processors` code of before 23 has its annotation processors run; `quarry.platform` is a jar of the classes that code for Java 8 is compiled against.
 */
@Named
@Singleton
final class Session extends AbstractMavenLifecycleParticipant {
  final Path folder = Paths.get("/quarry/report");
  SignedReport report = null;
  Set<Path> files = null;
  /** What every Java that runs tests is started with. */
  String forkOptions = "";
  private Set<String> modules = null;
  private String plugin = null;
  private boolean resolves = false;
  private boolean leavesOut = false;
  private String standIns = null;
  private boolean runsProcessors = false;
  private String platform = null;
  private volatile boolean gaveUp = false;
  private volatile Runnable lastWords = null;
  /** Of the time that a run may take, what it takes at least to tell of what is through, in milliseconds. */
  private static final long MARGIN = 10_000;
  private final MavenPluginManager plugins;

  @Inject
  Session(MavenPluginManager plugins) {
    this.plugins = plugins;
  }

  @Override
  public void afterSessionStart(MavenSession session) throws MavenExecutionException {
    try {
      report = SignedReport.claim(folder);
    } catch (Exception error) {
      throw new MavenExecutionException("the report could not be begun", error);
    }
    if (report != null && report.deadline() > 0) watchTime(report.deadline() - System.currentTimeMillis());
    forkOptions = session.getUserProperties().getProperty("quarry.fork", "");
    resolves = session.getUserProperties().containsKey("quarry.resolve");
    standIns = session.getUserProperties().getProperty("quarry.removed");
    runsProcessors = session.getUserProperties().containsKey("quarry.processors");
    platform = session.getUserProperties().getProperty("quarry.platform");
    leavesOut = session.getUserProperties().containsKey("quarry.lean");
    plugin = session.getUserProperties().getProperty("quarry.plugin");
    String root = session.getUserProperties().getProperty("quarry.root", "/testbed");
    String wanted = session.getUserProperties().getProperty("quarry.files");
    if (wanted != null) {
      files = new HashSet<>();
      for (String file : wanted.split(",")) files.add(Paths.get(root, file).normalize());
    }
    String named = session.getUserProperties().getProperty("quarry.modules");
    if (named != null) modules = new HashSet<>(Arrays.asList(named.split(",")));
  }

  @Override
  public void afterProjectsRead(MavenSession session) {
    for (MavenProject project : session.getProjects()) {
      Checks.removeFrom(project);
      Toolchains.removeFrom(project);
      if (leavesOut) GonePlugins.removeFrom(project, plugins, session);
    }
    if (standIns != null) RemovedModules.standIn(session, standIns);
  }

  @Override
  public void afterSessionEnd(MavenSession session) throws MavenExecutionException {
    if (report == null || gaveUp) return;
    try {
      report.end();
    } catch (IOException error) {
      throw new MavenExecutionException("the report could not be ended", error);
    }
  }

  /** What is done shortly before the run has to end, while it goes on. */
  void beforeTimeIsOver(Runnable words) {
    lastWords = words;
  }

  private void watchTime(long left) {
    Timer timer = new Timer("quarry-time", true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            if (lastWords != null) lastWords.run();
          }
        },
        Math.max(0, left - Math.max(MARGIN, left / 20)));
  }

  boolean resolvesOnly() {
    return resolves;
  }

  boolean runsProcessors() {
    return runsProcessors;
  }

  /** A jar, or null where code is compiled against the kit's own classes. */
  String platform() {
    return platform;
  }

  /** Where one of them is named, the other's tests have a run of their own. */
  boolean runsTestsOf(String artifact) {
    return plugin == null || plugin.equals(artifact);
  }

  /** What only helps a touched module to build is not tested itself. */
  boolean testsIn(MavenProject project) {
    if (modules == null) return true;
    Path base = project.getBasedir().toPath().toAbsolutePath().normalize();
    for (String module : modules) if (Paths.get("/testbed", module).normalize().equals(base)) return true;
    return false;
  }

  /** The report is left without its end: what it holds can't be believed to be all. */
  void giveUp() {
    gaveUp = true;
  }
}
