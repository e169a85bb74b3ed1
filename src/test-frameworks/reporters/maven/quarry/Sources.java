package quarry;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.maven.project.MavenProject;

/** Where a module of Maven has its tests. */
final class Sources {
  private Sources() {}

  static SourceFiles of(MavenProject project) {
    Set<Path> roots = new LinkedHashSet<>();
    for (String root : project.getTestCompileSourceRoots()) roots.add(Paths.get(root));
    Path classes = Paths.get(project.getBuild().getTestOutputDirectory());
    return new SourceFiles(Collections.singleton(classes), roots, project.getBasedir().toPath());
  }
}
