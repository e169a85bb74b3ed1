package quarry;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.gradle.api.GradleException;
import org.gradle.api.tasks.testing.TestDescriptor;
import org.gradle.api.tasks.testing.TestListener;
import org.gradle.api.tasks.testing.TestResult;

/** What the process that runs one task's tests tells Gradle of each → signed lines. */
final class Results implements TestListener {
  /** Names under which Gradle and JUnit tell that a class failed as a whole. */
  private static final Set<String> WHOLE = new LinkedHashSet<>(Arrays.asList("classMethod", "initializationError", "executionError"));

  private final SignedReport report;
  private final SourceFiles sources;
  /** Classes that began and have not ended, and tests. */
  private final Set<String> open = new LinkedHashSet<>();
  private boolean failed = false;

  Results(SignedReport report, SourceFiles sources) {
    this.report = report;
    this.sources = sources;
  }

  /** Something did not pass. */
  boolean anyFailed() {
    return failed;
  }

  @Override
  public void beforeSuite(TestDescriptor suite) {
    if (suite.getClassName() != null) open.add(suite.getClassName());
  }

  @Override
  public void afterSuite(TestDescriptor suite, TestResult result) {
    if (suite.getClassName() == null) return;
    open.remove(suite.getClassName());
    // A class that never came to its tests tells none.
    if (result.getResultType() == TestResult.ResultType.FAILURE && result.getTestCount() == 0) whole(suite.getClassName(), messageOf(result));
  }

  @Override
  public void beforeTest(TestDescriptor test) {}

  @Override
  public void afterTest(TestDescriptor test, TestResult result) {
    String className = classOf(test);
    String name = nameOf(test, className);
    boolean isFailure = result.getResultType() == TestResult.ResultType.FAILURE;
    if (isFailure && WHOLE.contains(name)) {
      whole(className, messageOf(result));
      return;
    }
    if (isFailure) failed = true;
    String status = isFailure ? "failed" : result.getResultType() == TestResult.ResultType.SKIPPED ? "skipped" : "passed";
    double milliseconds = Math.max(0, result.getEndTime() - result.getStartTime());
    tell(className, Collections.singletonList(name), status, milliseconds, isFailure ? messageOf(result) : null);
  }

  /** Of a process that died in the middle: what it was at. */
  void tellUnfinished() {
    for (String className : new ArrayList<>(open)) whole(className, "the process that ran it died");
    open.clear();
  }

  private void whole(String className, String message) {
    failed = true;
    tell(className, Collections.emptyList(), "errored", null, message);
  }

  private void tell(String className, List<String> inner, String status, Double milliseconds, String message) {
    java.nio.file.Path file = sources.of(className);
    List<String> path = new ArrayList<>(Arrays.asList((file == null ? className : Names.simple(className)).split("\\$")));
    path.addAll(inner);
    try {
      report.test(file == null ? null : file.toString(), path, status, milliseconds, message);
    } catch (IOException error) {
      throw new GradleException("a result could not be told", error);
    }
  }

  private static String classOf(TestDescriptor test) {
    for (TestDescriptor each = test; each != null; each = each.getParent()) if (each.getClassName() != null) return each.getClassName();
    return test.getName();
  }

  /** As Surefire tells it: `adds`, `adds(int)[2]`, not `adds()`. */
  private static String nameOf(TestDescriptor test, String className) {
    String name = Names.stable(test.getName()).replaceFirst("\\(\\)(?=$|\\[)", "");
    return name.equals(className) ? Names.simple(className) : name;
  }

  private static String messageOf(TestResult result) {
    StringWriter text = new StringWriter();
    for (Throwable each : result.getExceptions()) each.printStackTrace(new PrintWriter(text, true));
    return text.toString().trim();
  }
}
