package quarry;

import java.io.File;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.gradle.api.GradleException;
import org.gradle.api.Plugin;
import org.gradle.api.Task;
import org.gradle.api.execution.TaskExecutionGraph;
import org.gradle.api.invocation.Gradle;
import org.gradle.api.tasks.compile.JavaCompile;
import org.gradle.api.tasks.testing.Test;

/**
 * One run of Gradle. With `quarry.resolve` it only brings what a run of the tests will need; with a secret in the report's folder it tells
 * the tests' results. The task `quarryTests` runs the tests of the modules in `quarry.modules`; `quarry.files` (commas between) narrows which
 * tests run, `quarry.fork` holds options of the Java that runs them.
 */
public final class Session implements Plugin<Gradle> {
  SignedReport report = null;
  Set<Path> files = null;
  String forkOptions = "";
  boolean resolves = false;
  private Map<String, String> words = Collections.emptyMap();

  /** Comes before any script of the repository; again for builds inside of this one, which have no tests to tell of. */
  @Override
  public void apply(Gradle gradle) {
    words = gradle.getStartParameter().getSystemPropertiesArgs();
    boolean isWhole = gradle.getParent() == null;
    if (isWhole) claim();
    String asked = word("asked", gradle.getGradleVersion());
    if (isWhole && !asked.equals(gradle.getGradleVersion()))
      System.out.println("gradle " + gradle.getGradleVersion() + " is used, and " + asked + " is asked for");
    new Repositories(word("gateway", "http://127.0.0.1:4873") + "/~maven", new File(word("home", "/env/gradle"))).leadFrom(gradle);
    forkOptions = word("fork", "");
    resolves = words.containsKey("quarry.resolve");
    files = words.containsKey("quarry.files") ? new HashSet<>() : null;
    for (String file : list("files")) files.add(Paths.get(word("root", "/testbed"), file).normalize());
    gradle.afterProject(project -> Compilers.useThisKit(project));
    TestRuns runs = new TestRuns(this);
    Selection selection = new Selection(Paths.get(word("root", "/testbed")), list("modules"), list("sets"));
    if (isWhole) gradle.projectsEvaluated(evaluated -> selection.addTask(evaluated.getRootProject()));
    gradle.getTaskGraph().whenReady(graph -> prepare(graph, runs, selection));
    if (isWhole) gradle.buildFinished(result -> runs.end());
  }

  private void claim() {
    try {
      report = SignedReport.claim(Paths.get("/quarry/report"));
    } catch (Exception error) {
      throw new GradleException("the report could not be begun", error);
    }
  }

  private void prepare(TaskExecutionGraph graph, TestRuns runs, Selection selection) {
    for (Task task : graph.getAllTasks()) {
      if (Checks.holds(task)) task.setEnabled(false);
      if (task instanceof JavaCompile) Compilers.prepare((JavaCompile) task, words.get("quarry.platform"));
      if (!(task instanceof Test)) continue;
      if (selection.leavesOut(task, graph)) task.setEnabled(false);
      else runs.prepare((Test) task);
    }
  }

  private String word(String name, String usual) {
    String value = words.get("quarry." + name);
    return value == null ? usual : value;
  }

  private Set<String> list(String name) {
    String value = word(name, "");
    return value.isEmpty() ? Collections.emptySet() : new HashSet<>(Arrays.asList(value.split(",")));
  }
}
