package quarry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Dependency;
import org.apache.maven.project.MavenProject;

/**
 * What Java lost with release 11 and code of before takes for a part of it: where sources speak of such a package, the artifacts
 * that JEP 320 names in its stead are put beside the models' own dependencies. Which those are is found as packages are brought and noted in the local repository,
 * so that every state of the sources is built with the same ones.
 */
final class RemovedModules {
  private static final Map<Pattern, String[]> STAND_INS = new LinkedHashMap<>();

  static {
    STAND_INS.put(
        Pattern.compile("\\bjavax\\.annotation\\.(?:Generated|PostConstruct|PreDestroy|Resources?|ManagedBean|Priority|security|sql)\\b"),
        new String[] {"javax.annotation:javax.annotation-api:1.3.2"});
    STAND_INS.put(
        Pattern.compile("\\bjavax\\.xml\\.bind\\b"),
        new String[] {"javax.xml.bind:jaxb-api:2.3.1", "org.glassfish.jaxb:jaxb-runtime:2.3.1"});
    STAND_INS.put(Pattern.compile("\\bjavax\\.activation\\b"), new String[] {"com.sun.activation:javax.activation:1.2.0"});
    STAND_INS.put(Pattern.compile("\\bjavax\\.(?:xml\\.(?:ws|soap)|jws)\\b"), new String[] {"javax.xml.ws:jaxws-api:2.3.1"});
    STAND_INS.put(Pattern.compile("\\bjavax\\.transaction\\b"), new String[] {"javax.transaction:javax.transaction-api:1.3"});
  }

  private RemovedModules() {}

  static void standIn(MavenSession session, boolean find) throws IOException {
    Path note = Paths.get(session.getLocalRepository().getBasedir(), "removed-modules.txt");
    if (find) {
      Set<String> found = new LinkedHashSet<>();
      for (MavenProject project : session.getProjects()) found.addAll(spokenOf(project));
      Files.createDirectories(note.getParent());
      Files.write(note, found, StandardCharsets.UTF_8);
    }
    if (!Files.exists(note)) return;
    List<String> artifacts = Files.readAllLines(note, StandardCharsets.UTF_8);
    for (String artifact : artifacts) System.out.println("[WARNING] stands in for what Java lost: " + artifact);
    for (MavenProject project : session.getProjects()) for (String artifact : artifacts) add(project, artifact.split(":"));
  }

  private static Set<String> spokenOf(MavenProject project) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    for (Path source : sources(project)) {
      // Only names in ASCII are looked for: any other byte may be read as whatever it likes.
      String text = new String(Files.readAllBytes(source), StandardCharsets.ISO_8859_1);
      for (Map.Entry<Pattern, String[]> each : STAND_INS.entrySet())
        if (each.getKey().matcher(text).find()) for (String artifact : each.getValue()) found.add(artifact);
    }
    return found;
  }

  private static List<Path> sources(MavenProject project) throws IOException {
    List<Path> sources = new ArrayList<>();
    String[] roots = {project.getBuild().getSourceDirectory(), project.getBuild().getTestSourceDirectory()};
    for (String root : roots) {
      if (root == null || !Files.isDirectory(Paths.get(root))) continue;
      try (Stream<Path> below = Files.walk(Paths.get(root))) {
        below.filter(path -> path.toString().matches(".*\\.(?:java|kt|groovy)") && Files.isRegularFile(path)).forEach(sources::add);
      }
    }
    return sources;
  }

  /** The model's own word stands. */
  private static void add(MavenProject project, String[] artifact) {
    if (project.getPackaging().equals("pom")) return;
    for (Dependency each : project.getDependencies())
      if (each.getGroupId().equals(artifact[0]) && each.getArtifactId().equals(artifact[1])) return;
    Dependency dependency = new Dependency();
    dependency.setGroupId(artifact[0]);
    dependency.setArtifactId(artifact[1]);
    dependency.setVersion(artifact[2]);
    project.getDependencies().add(dependency);
  }
}
