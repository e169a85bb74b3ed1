package quarry;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Surefire's XML reports of one module's run → signed lines. */
final class Results {
  private final SignedReport report;
  private final SourceFiles sources;
  /** Something in them did not pass. */
  boolean anyFailed = false;
  final Set<String> classes = new HashSet<>();

  Results(SignedReport report, SourceFiles sources) {
    this.report = report;
    this.sources = sources;
  }

  void read(File folder) throws IOException {
    File[] files = folder.listFiles((parent, name) -> name.startsWith("TEST-") && name.endsWith(".xml"));
    if (files == null) return;
    Arrays.sort(files);
    for (File file : files) readSuite(file.toPath());
  }

  private void readSuite(Path file) throws IOException {
    NodeList cases;
    try {
      cases = builder().parse(Files.newInputStream(file)).getElementsByTagName("testcase");
    } catch (Exception unreadable) {
      String name = file.getFileName().toString();
      broken(name.substring("TEST-".length(), name.length() - ".xml".length()), "its report can't be read: " + unreadable);
      return;
    }
    for (int at = 0; at < cases.getLength(); at += 1) readCase((Element) cases.item(at));
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
    classes.add(className);
    if (trouble != null) anyFailed = true;
    // A class that failed as a whole: its set-up threw.
    boolean isWhole = name.isEmpty() || name.equals(className) || name.equals(Names.simple(className));
    if (isWhole && trouble != null) {
      report.test(source(className), pathOf(className, Collections.emptyList()), "errored", null, messageOf(trouble));
      return;
    }
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
