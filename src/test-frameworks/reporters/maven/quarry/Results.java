package quarry;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Surefire's XML reports of one module's run → signed lines. */
final class Results {
  private final SignedReport report;
  private final SourceFiles sources;
  /** What was told before the run was through: a report's name, and what it held. */
  private final Map<String, Integer> told = new HashMap<>();
  /** Something in them did not pass. */
  boolean anyFailed = false;

  Results(SignedReport report, SourceFiles sources) {
    this.report = report;
    this.sources = sources;
  }

  /** All there are, once the run is through. False where one that was told before has become another since: what was told is not the whole. */
  boolean read(File folder) throws IOException {
    for (Map.Entry<String, Integer> each : told.entrySet()) {
      File file = new File(folder, each.getKey());
      if (!file.isFile() || contentOf(file) != each.getValue()) return false;
    }
    for (File file : reportsIn(folder)) {
      Element suite;
      try {
        suite = parsed(file);
      } catch (Exception unreadable) {
        String name = file.getName();
        broken(name.substring("TEST-".length(), name.length() - ".xml".length()), "its report can't be read: " + unreadable);
        continue;
      }
      readSuite(suite);
    }
    return true;
  }

  /** Those of the classes that are through, while others run: a report that can't be read is still being written. */
  void readFinished(File folder) throws IOException {
    for (File file : reportsIn(folder)) {
      Element suite;
      int content = contentOf(file);
      try {
        suite = parsed(file);
      } catch (Exception unfinished) {
        continue;
      }
      told.put(file.getName(), content);
      readSuite(suite);
    }
  }

  private static int contentOf(File file) throws IOException {
    return Arrays.hashCode(Files.readAllBytes(file.toPath()));
  }

  private List<File> reportsIn(File folder) {
    File[] files = folder.listFiles((parent, name) -> name.startsWith("TEST-") && name.endsWith(".xml") && !told.containsKey(name));
    if (files == null) return Collections.emptyList();
    Arrays.sort(files);
    return Arrays.asList(files);
  }

  private static Element parsed(File file) throws Exception {
    try (InputStream text = Files.newInputStream(file.toPath())) {
      return builder().parse(text).getDocumentElement();
    }
  }

  private void readSuite(Element suite) throws IOException {
    NodeList cases = suite.getElementsByTagName("testcase");
    Map<String, List<Element>> unnamed = new LinkedHashMap<>();
    for (int at = 0; at < cases.getLength(); at += 1) {
      Element test = (Element) cases.item(at);
      String className = test.getAttribute("classname");
      if (!isWhole(test)) readCase(test);
      else unnamed.computeIfAbsent(source(className) == null ? suite.getAttribute("name") : className, (name) -> new ArrayList<>()).add(test);
    }
    for (Map.Entry<String, List<Element>> entry : unnamed.entrySet()) readUnnamed(entry.getKey(), entry.getValue());
  }

  /** A class that failed as a whole, its set-up threw; or a test whose name Surefire does not learn, as of Kotest's specs. */
  private static boolean isWhole(Element test) {
    String className = test.getAttribute("classname");
    String name = Names.stable(test.getAttribute("name"));
    return name.isEmpty() || firstOf(test, "failure", "error") != null && (name.equals(className) || name.equals(Names.simple(className)));
  }

  /** What can't be told apart is one test: their class, which passes where none of them fails and one passes. */
  private void readUnnamed(String className, List<Element> tests) throws IOException {
    boolean anyPassed = false;
    for (Element test : tests) {
      Element trouble = firstOf(test, "failure", "error");
      if (trouble != null) {
        broken(className, messageOf(trouble));
        return;
      }
      anyPassed |= firstOf(test, "skipped") == null;
    }
    report.test(source(className), pathOf(className, Collections.emptyList()), anyPassed ? "passed" : "skipped", null, null);
  }

  private static DocumentBuilder builder() throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    DocumentBuilder builder = factory.newDocumentBuilder();
    builder.setErrorHandler(null);
    return builder;
  }

  private void readCase(Element test) throws IOException {
    String className = test.getAttribute("classname");
    String name = Names.stable(test.getAttribute("name"));
    Element trouble = firstOf(test, "failure", "error");
    boolean skipped = firstOf(test, "skipped") != null;
    if (trouble != null) anyFailed = true;
    String status = trouble != null ? "failed" : skipped ? "skipped" : "passed";
    List<String> path = pathOf(className, Collections.singletonList(name));
    report.test(source(className), path, status, milliseconds(test), trouble == null ? null : messageOf(trouble));
  }

  /** A class of which nothing is known but that it did not come to its end. */
  void broken(String className, String message) throws IOException {
    anyFailed = true;
    report.test(source(className), pathOf(className, Collections.emptyList()), "errored", null, message);
  }

  private String source(String className) {
    Path file = sources.of(className);
    return file == null ? null : file.toString();
  }

  /** The class by its simple name where its file says the package, then what is inside. */
  private List<String> pathOf(String className, List<String> inner) {
    List<String> path = new ArrayList<>();
    String shown = sources.of(className) == null ? className : Names.simple(className);
    path.addAll(Arrays.asList(shown.split("\\$")));
    path.addAll(inner);
    return path;
  }

  private static Element firstOf(Element test, String... names) {
    for (Node child = test.getFirstChild(); child != null; child = child.getNextSibling())
      if (child instanceof Element && Arrays.asList(names).contains(child.getNodeName())) return (Element) child;
    return null;
  }

  private static Double milliseconds(Element test) {
    try {
      return Double.parseDouble(test.getAttribute("time").replace(",", "")) * 1000;
    } catch (NumberFormatException unreadable) {
      return null;
    }
  }

  private static String messageOf(Element trouble) {
    String text = trouble.getTextContent().trim();
    String message = trouble.getAttribute("message");
    return text.contains(message) ? text : message + "\n" + text;
  }
}
