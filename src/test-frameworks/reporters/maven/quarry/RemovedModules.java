package quarry;

import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Dependency;
import org.apache.maven.project.MavenProject;

/** Artifacts that stand in for what Java lost are put beside every module's own dependencies; where its model names one itself, its word stands. */
final class RemovedModules {
  private RemovedModules() {}

  /** `artifacts`: `group:artifact:version`, commas between. */
  static void standIn(MavenSession session, String artifacts) {
    for (String artifact : artifacts.split(",")) {
      System.out.println("[WARNING] stands in for what Java lost: " + artifact);
      for (MavenProject project : session.getProjects()) add(project, artifact.split(":"));
    }
  }

  private static void add(MavenProject project, String[] artifact) {
    if (project.getPackaging().equals("pom")) return;
    for (Dependency each : project.getDependencies())
      if (each.getGroupId().equals(artifact[0]) && each.getArtifactId().equals(artifact[1])) return;
    Dependency dependency = new Dependency();
    dependency.setGroupId(artifact[0]);
    dependency.setArtifactId(artifact[1]);
    dependency.setVersion(artifact[2]);
    dependency.setScope("compile");
    project.getDependencies().add(dependency);
  }
}
