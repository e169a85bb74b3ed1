package quarry;

import java.io.File;
import java.util.Collections;
import org.gradle.api.Action;
import org.gradle.api.artifacts.Configuration;
import org.gradle.api.artifacts.DependencyResolveDetails;
import org.gradle.api.artifacts.dsl.RepositoryHandler;
import org.gradle.api.artifacts.repositories.ArtifactRepository;
import org.gradle.api.artifacts.repositories.FlatDirectoryArtifactRepository;
import org.gradle.api.artifacts.repositories.MavenArtifactRepository;
import org.gradle.api.initialization.Settings;
import org.gradle.api.initialization.dsl.ScriptHandler;
import org.gradle.api.invocation.Gradle;

/** Whatever repository a build names, what it asks for is asked of the package gateway; folders stay what they are. Idle plugins come from our own jar. */
final class Repositories {
  private static final String IDLE = "quarry:quarry:1";

  private final String gateway;
  /** Holds our jar. */
  private final File home;

  Repositories(String gateway, File home) {
    this.gateway = gateway;
    this.home = home;
  }

  void leadFrom(Gradle gradle) {
    // Plugins of the settings themselves are looked for while these are read: from 6.0 on there is a moment before that.
    Action<Settings> first = this::lead;
    Dynamic.call(gradle, "beforeSettings", first);
    gradle.settingsEvaluated(first);
    gradle.allprojects(
        project -> {
          lead(project.getBuildscript());
          lead(project.getRepositories());
        });
  }

  private void lead(Settings settings) {
    Object management = Dynamic.get(settings, "pluginManagement");
    Object plugins = Dynamic.get(management, "repositories");
    if (plugins instanceof RepositoryHandler) leadPlugins((RepositoryHandler) plugins);
    Action<Object> idle = this::standIn;
    Dynamic.call(Dynamic.get(management, "resolutionStrategy"), "eachPlugin", idle);
    Object script = Dynamic.get(settings, "buildscript");
    if (script instanceof ScriptHandler) lead((ScriptHandler) script);
    Object dependencies = Dynamic.get(Dynamic.get(settings, "dependencyResolutionManagement"), "repositories");
    if (dependencies instanceof RepositoryHandler) lead((RepositoryHandler) dependencies);
  }

  /** Without any of its own, Gradle asks a portal. */
  private void leadPlugins(RepositoryHandler repositories) {
    lead(repositories);
    Action<MavenArtifactRepository> own = repository -> repository.setUrl(gateway);
    if (repositories.isEmpty()) repositories.maven(own);
    addIdle(repositories);
  }

  private void lead(ScriptHandler script) {
    lead(script.getRepositories());
    addIdle(script.getRepositories());
    Action<Configuration> standIn =
        configuration ->
            configuration
                .getResolutionStrategy()
                .eachDependency(
                    (DependencyResolveDetails each) -> {
                      String module = each.getRequested().getGroup() + ":" + each.getRequested().getName();
                      if (Idle.MODULES.contains(module)) each.useTarget(IDLE);
                    });
    script.getConfigurations().all(standIn);
  }

  private void standIn(Object plugin) {
    Object id = Dynamic.get(Dynamic.get(Dynamic.get(plugin, "requested"), "id"), "id");
    if (Idle.IDS.contains(String.valueOf(id))) Dynamic.call(plugin, "useModule", IDLE);
  }

  private void addIdle(RepositoryHandler repositories) {
    if (repositories.findByName("quarry") != null) return;
    Action<FlatDirectoryArtifactRepository> own =
        repository -> {
          repository.setName("quarry");
          repository.dir(home);
        };
    repositories.flatDir(own);
  }

  private void lead(RepositoryHandler repositories) {
    Action<ArtifactRepository> lead = this::lead;
    repositories.all(lead);
  }

  private void lead(ArtifactRepository repository) {
    Object url = Dynamic.get(repository, "url");
    if (url == null || String.valueOf(url).startsWith("file:")) return;
    Dynamic.set(repository, "url", gateway);
    Dynamic.set(repository, "allowInsecureProtocol", true);
    Dynamic.call(repository, "setArtifactUrls", Collections.emptyList());
  }
}
