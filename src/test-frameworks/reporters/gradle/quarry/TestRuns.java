package quarry;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gradle.api.Action;
import org.gradle.api.GradleException;
import org.gradle.api.Task;
import org.gradle.api.tasks.StopExecutionException;
import org.gradle.api.tasks.testing.Test;

/** Makes each test task run whole, in every run, and tell each test as it ends. */
final class TestRuns {
  private final Session session;
  private final Map<Test, Results> told = new LinkedHashMap<>();

  TestRuns(Session session) {
    this.session = session;
  }

  void prepare(Test task) {
    task.setIgnoreFailures(true);
    task.getOutputs().upToDateWhen(each -> false);
    task.setMaxParallelForks(1);
    Dynamic.set(task, "failFast", false);
    leaveOut(task);
    prepareFork(task);
    if (session.resolves) first(task, TestRuns::onlyResolve);
    else if (session.report != null) {
      SourceFiles sources = sourcesOf(task);
      Results results = new Results(session.report, sources);
      told.put(task, results);
      task.addTestListener(results);
      if (session.files != null) first(task, each -> narrow(task, sources));
    }
  }

  private static void first(Task task, Action<Task> action) {
    task.doFirst(action);
  }

  /** What measures, tries again, or writes pages. */
  private static void leaveOut(Test task) {
    Dynamic.set(task.getExtensions().findByName("jacoco"), "enabled", false);
    Dynamic.call(Dynamic.get(task.getExtensions().findByName("retry"), "maxRetries"), "set", 0);
    for (String name : new String[] {"html", "junitXml"}) {
      Object report = Dynamic.get(task.getReports(), name);
      Object required = Dynamic.get(report, "required");
      if (required == null) Dynamic.set(report, "enabled", false);
      else Dynamic.call(required, "set", false);
    }
  }

  /** Of its own accord a fork takes a quarter of the whole machine's memory, or half a gigabyte; and what was open to all in old Javas is asked for by name. */
  private void prepareFork(Test task) {
    if (task.getMaxHeapSize() == null) task.setMaxHeapSize("1536m");
    if (!session.forkOptions.isEmpty()) task.jvmArgs(Arrays.asList(session.forkOptions.split("\\s+")));
  }

  private static void onlyResolve(Task task) {
    ((Test) task).getClasspath().getFiles();
    throw new StopExecutionException();
  }

  private void narrow(Test task, SourceFiles sources) {
    List<String> wanted = new ArrayList<>();
    try {
      for (String name : sources.classesOf(session.files)) wanted.addAll(Arrays.asList(name, name + "$*"));
    } catch (IOException error) {
      throw new GradleException("the test classes can't be read", error);
    }
    if (wanted.isEmpty()) throw new StopExecutionException();
    task.getFilter().setIncludePatterns(wanted.toArray(new String[0]));
    Dynamic.set(task.getFilter(), "failOnNoMatchingTests", false);
  }

  /** What was said of tests has to go with how their task ended: where it failed and nothing else did, the report has no end. */
  void end() {
    if (session.report == null) return;
    try {
      for (Map.Entry<Test, Results> each : told.entrySet()) {
        each.getValue().tellUnfinished();
        if (each.getKey().getState().getFailure() != null && !each.getValue().anyFailed()) return;
      }
      session.report.end();
    } catch (IOException error) {
      throw new GradleException("the report could not be ended", error);
    }
  }

  /** Test sources first: a class of that name may be anywhere. */
  private static SourceFiles sourcesOf(Test task) {
    Set<Path> classes = new LinkedHashSet<>();
    Object folders = Dynamic.get(task, "testClassesDirs");
    if (folders instanceof Iterable) for (Object each : (Iterable<?>) folders) classes.add(((File) each).toPath());
    else if (Dynamic.get(task, "testClassesDir") instanceof File) classes.add(((File) Dynamic.get(task, "testClassesDir")).toPath());
    Set<Path> roots = new LinkedHashSet<>();
    Set<Path> main = new LinkedHashSet<>();
    Object sets = Dynamic.get(task.getProject(), "sourceSets");
    if (sets instanceof Collection)
      for (Object set : (Collection<?>) sets) {
        Object folder = Dynamic.get(Dynamic.get(set, "allSource"), "srcDirs");
        if (!(folder instanceof Collection)) continue;
        for (Object each : (Collection<?>) folder) ("main".equals(Dynamic.get(set, "name")) ? main : roots).add(((File) each).toPath());
      }
    roots.addAll(main);
    return new SourceFiles(classes, roots, task.getProject().getProjectDir().toPath());
  }
}
