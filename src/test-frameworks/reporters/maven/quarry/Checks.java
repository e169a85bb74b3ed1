package quarry;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.apache.maven.model.Build;
import org.apache.maven.model.Plugin;
import org.apache.maven.project.MavenProject;

/** Plugins that check, document, sign or publish: no test needs what they do, and many ask for git, the network or another JDK. */
final class Checks {
  private static final Set<String> NAMES =
      new HashSet<>(
          Arrays.asList(
              "maven-enforcer-plugin", "maven-checkstyle-plugin", "maven-pmd-plugin", "spotbugs-maven-plugin",
              "findbugs-maven-plugin", "spotless-maven-plugin", "license-maven-plugin", "maven-license-plugin",
              "apache-rat-plugin", "maven-javadoc-plugin", "maven-source-plugin", "maven-gpg-plugin",
              "animal-sniffer-maven-plugin", "japicmp-maven-plugin", "clirr-maven-plugin", "revapi-maven-plugin",
              "forbiddenapis", "sortpom-maven-plugin", "formatter-maven-plugin", "impsort-maven-plugin",
              "fmt-maven-plugin", "googleformatter-maven-plugin", "git-code-format-maven-plugin", "maven-site-plugin",
              "nexus-staging-maven-plugin", "central-publishing-maven-plugin", "maven-deploy-plugin",
              "maven-release-plugin", "cyclonedx-maven-plugin", "dependency-check-maven", "ossindex-maven-plugin",
              "versions-maven-plugin", "coveralls-maven-plugin", "maven-toolchains-plugin", "sonar-maven-plugin",
              "bnd-baseline-maven-plugin", "maven-invoker-plugin", "docker-maven-plugin", "dockerfile-maven-plugin",
              "jib-maven-plugin", "frontend-maven-plugin", "maven-artifact-plugin", "ktlint-maven-plugin",
              "ktlint", "detekt-maven-plugin", "duplicate-finder-maven-plugin", "maven-scm-publish-plugin",
              "asciidoctor-maven-plugin", "sigstore-maven-plugin", "git-build-hook-maven-plugin",
              "dokka-maven-plugin", "maven-changes-plugin", "maven-jxr-plugin", "pitest-maven", "modernizer-maven-plugin",
              "xml-format-maven-plugin", "editorconfig-maven-plugin", "rewrite-maven-plugin", "taglist-maven-plugin"));

  private Checks() {}

  static void removeFrom(MavenProject project) {
    Build build = project.getBuild();
    // What extends Maven itself (packagings) was loaded long before.
    for (Iterator<Plugin> each = build.getPlugins().iterator(); each.hasNext(); )
      if (NAMES.contains(each.next().getArtifactId())) each.remove();
    build.flushPluginMap();
  }
}
